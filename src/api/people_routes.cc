// People: who somebody is, as far as the hub knows; and their erasure.
#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "api/answer.h"
#include "api/ask.h"
#include "api/audit.h"
#include "api/opener.h"
#include "api/read_person.h"
#include "api/routes.h"
#include "api/segment_view.h"
#include "base/json.h"
#include "base/text.h"
#include "base/value.h"
#include "decision/holdout_tally.h"
#include "engine/person_history.h"
#include "expr/value_json.h"
#include "feature/catalogue.h"
#include "identity/person_protocol.h"
#include "identity/refs.h"
#include "profile/view.h"
#include "rule/features.h"

namespace batuta::api {
namespace {

// A person's row as it was read, with what it takes to show it.
struct PersonCopy {
  base::PersonId id;
  engine::PersonRow row;
  std::shared_ptr<const engine::Definitions> definitions;
  base::Position applied;
  base::Value segments;
  std::vector<uint64_t> untold;  // features that are not found yet
  base::Time log_time;
  std::optional<engine::TimelineCopy> timeline;  // if any feature needs more than the row has
};

std::string_view StatusName(const identity::PersonIdentifier& identifier) {
  switch (identity::StatusOf(identifier)) {
    case identity::IdentifierStatus::kConfirmed:
      return "confirmed";
    case identity::IdentifierStatus::kPending:
      return "pending";
    case identity::IdentifierStatus::kMoved:
      return "moved";
    case identity::IdentifierStatus::kDemoted:
      return "demoted";
  }
  return "";
}

std::string_view ReasonName(identity::Reason reason) {
  switch (reason) {
    case identity::OVER_LIMIT:
      return "over_limit";
    case identity::NOT_UNIQUE:
      return "not_unique";
    case identity::TOO_MANY:
      return "too_many";
    case identity::HELD_BY_OTHER:
      return "held_by_other";
    case identity::MOVED_TO_NEWER:
      return "moved_to_newer";
    case identity::BUSY:
      return "busy";
    default:
      return "";
  }
}

base::Value IdentifierValue(const identity::PersonIdentifier& identifier, Opener& opener) {
  ObjectBuilder out;
  out.Add("type", identifier.type());
  out.Add("value", opener.OpenText(identifier.value(), identifier.type()));
  out.Add("status", StatusName(identifier));
  const std::string_view reason = ReasonName(identifier.reason());
  if (!reason.empty()) out.Add("reason", reason);
  out.AddTime("firstSeen", identifier.first_seen());
  out.AddTime("lastSeen", identifier.last_seen());
  const identity::Provenance& first = identifier.first();
  out.Add("first", ObjectBuilder()
                       .Add("source", first.source())
                       .AddTime("time", first.moment().event_time())
                       .AddTime("logTime", first.log_time())
                       .Add("position",
                            base::StrCat(first.moment().partition(), ":", first.moment().offset()))
                       .Take());
  return out.Take();
}

base::Value OpenDecisionValue(const decision::OpenDecision& open) {
  return ObjectBuilder()
      .Add("id", base::DecisionId::FromBytes(open.decision()).ToString())
      .Add("placement", open.placement())
      .AddTime("time", open.reserved_at())
      .Add("slots", LifeValue(open.slots()))
      .Take();
}

base::Value MergedFrom(const identity::PersonIdentity& identity) {
  ListBuilder list;
  for (const identity::Absorbed& absorbed : identity.absorbed()) {
    ObjectBuilder entry;
    entry.Add("id", identity::FromRef(absorbed.person()).ToString());
    entry.AddTime("logTime", absorbed.log_time());
    entry.Add("position", base::StrCat(absorbed.partition(), ":", absorbed.offset()));
    const identity::PersonIdentifier* via = identity::FindIdentifier(identity, absorbed.via());
    if (via != nullptr) entry.Add("via", via->type());
    list.Add(entry.Take());
  }
  return list.Take();
}

bool IsBeingFound(const feature::NamedFeature& feature, const PersonCopy& person) {
  return std::any_of(feature.aggregates.begin(), feature.aggregates.end(), [&](uint64_t number) {
    return std::binary_search(person.untold.begin(), person.untold.end(), number);
  });
}

// {NAME: {value, unit?, error?, state?}}; a value that is not known is null.
base::Value FeaturesValue(const PersonCopy& person) {
  const feature::Catalogue& catalogue = *person.definitions->features;
  rule::FeatureReader reader(person.definitions->rules, &catalogue);
  reader.Bind({.profile = &person.row.profile(),
               .states = &person.row.features(),
               .missing = person.untold,
               .now = person.log_time});
  expr::Scratch scratch;
  scratch.Start(expr::kBudgetDefault);
  ObjectBuilder out;
  for (const feature::NamedFeature& named : catalogue.named()) {
    const expr::Value value = reader.Read(named, scratch);
    ObjectBuilder entry;
    entry.Add("value", expr::ToJson(value, scratch).value_or(base::NullValue()));
    if (!named.unit.empty()) entry.Add("unit", named.unit);
    if (named.type.error > 0) entry.Add("error", named.type.error);
    if (IsBeingFound(named, person)) entry.Add("state", "finding");
    out.Add(named.name, entry.Take());
  }
  return out.Take();
}

// Those that have met the person, as they are defined now.
base::Value HoldoutsValue(const PersonCopy& person) {
  ListBuilder list;
  for (const decision::Holdout& holdout : person.definitions->catalogue->holdouts()) {
    const decision::HoldoutPerson* met =
        decision::FindMet(person.row.holdouts(), holdout.name, holdout.version);
    if (met == nullptr) continue;
    ObjectBuilder entry;
    entry.Add("name", met->name()).Add("heldOut", met->held()).AddTime("since", met->since());
    if (met->contaminated()) entry.Add("contaminated", true);
    list.Add(entry.Take());
  }
  return list.Take();
}

base::Value PersonValue(const PersonCopy& person, Opener& opener) {
  opener.Learn(person.row.profile());
  ObjectBuilder out;
  out.Add("id", person.id.ToString());
  ListBuilder identifiers;
  for (const identity::PersonIdentifier& identifier : person.row.identity().identifiers()) {
    identifiers.Add(IdentifierValue(identifier, opener));
  }
  out.Add("identifiers", identifiers.Take());
  const base::Value view =
      profile::View(person.definitions->rules, person.row.profile(),
                    [&opener](const base::Sealed& sealed) { return opener.OpenLearnt(sealed); });
  for (const base::Field& field : view.object().fields()) out.Add(field.name(), field.value());
  out.Add("features", FeaturesValue(person));
  out.Add("segments", person.segments);
  ListBuilder open;
  for (const decision::OpenDecision& decision : person.row.open().decisions()) {
    const bool is_shown =
        std::any_of(decision.slots().begin(), decision.slots().end(),
                    [](const decision::OpenSlot& slot) { return !slot.natural(); });
    if (is_shown) open.Add(OpenDecisionValue(decision));
  }
  out.Add("openDecisions", open.Take());
  if (!person.row.holdouts().empty()) out.Add("holdouts", HoldoutsValue(person));
  out.Add("mergedFrom", MergedFrom(person.row.identity()));
  out.Add("settled", !identity::HasUnsettledLinks(person.row.identity()));
  out.Add("position", FormatPositions({person.applied}));
  return out.Take();
}

void Read(const ExchangePtr& exchange, bool by_id) {
  const auto name = PersonInPath(exchange, by_id);
  if (!name.has_value()) return;
  AfterSettling(exchange, [exchange, name = *name] {
    VisitPerson(exchange->core(), name,
                [exchange, name](engine::Fold& fold, const base::PersonId& id,
                                 const engine::PersonRow* row) {
                  if (row == nullptr) return FailNobody(exchange);
                  const std::span<const uint64_t> untold = fold.UntoldFeatures(*row);
                  auto copy = std::make_shared<PersonCopy>();
                  *copy = {id,
                           *row,
                           fold.shared_definitions(),
                           {fold.settings().partition, fold.applied()},
                           SegmentsValue(fold, *row),
                           {untold.begin(), untold.end()},
                           fold.log_time(),
                           std::nullopt};
                  if (engine::NeedsHistory(*copy->definitions, *row, copy->log_time)) {
                    copy->timeline = engine::CopyTimeline(fold, id, *row);
                  }
                  InBackground(exchange, [exchange, copy, name] {
                    if (copy->timeline.has_value()) {
                      const absl::Status read =
                          engine::ReadHistory(exchange->core().hub.history(), *copy->definitions,
                                              *copy->timeline, copy->log_time, copy->row);
                      if (!read.ok()) return exchange->Fail(read);
                    }
                    Opener opener = OpenerFor(exchange);
                    const std::string json = base::ToJson(PersonValue(*copy, opener));
                    AnswerOpened(exchange, opener, kReadPerson, name, copy->id, json);
                  });
                });
  });
}

// ---- Erasure
// ---------------------------------------------------------------------------------------

void AnswerErasure(const ExchangePtr& exchange, const absl::StatusOr<std::string>& erased) {
  if (absl::IsNotFound(erased.status())) return FailNobody(exchange);
  if (!erased.ok()) return exchange->Fail(erased.status());
  exchange->Json(base::ToJson(ObjectBuilder().Add("erased", true).Add("id", *erased).Take()),
                 http::Status::kOk);
}

void Erase(const ExchangePtr& exchange, const base::IdentifierHash& identifier,
           const engine::Audit& audit) {
  Core& core = exchange->core();
  const base::RecordId request = core.hub.DrawId();
  engine::EraseAsk ask;
  ask.set_request_id(request.ToBytes());
  ask.set_identifier(identifier.ToBytes());
  const base::PartitionId home = identity::HomeOf(identifier, core.hub.partitions());
  Ask(
      core, NewEntry(core, home, engine::RecordType::kEraseAsk, ask.SerializeAsString()), request,
      [exchange](const auto& erased) { AnswerErasure(exchange, erased); }, &audit);
}

// By an identifier that is the person's own: the record goes to its home.
void EraseFound(const ExchangePtr& exchange, const engine::PersonRow* row,
                const engine::Audit& audit) {
  if (row == nullptr) return FailNobody(exchange);
  for (const identity::PersonIdentifier& identifier : row->identity().identifiers()) {
    if (identity::StatusOf(identifier) == identity::IdentifierStatus::kConfirmed) {
      return Erase(exchange, identity::FromRef(identifier.hash()), audit);
    }
  }
  exchange->Fail(http::Status::kConflict, "unsettled",
                 "The person's identifiers are still being settled; retry shortly.");
}

void EraseRoute(const ExchangePtr& exchange, bool by_id) {
  const auto name = PersonInPath(exchange, by_id);
  if (!name.has_value()) return;
  AfterSettling(exchange, [exchange, name = *name] {
    VisitPerson(
        exchange->core(), name,
        [exchange, name](engine::Fold&, const base::PersonId& id, const engine::PersonRow* row) {
          EraseFound(exchange, row, AuditOfPerson(exchange, kErasePerson, name, id));
        });
  });
}

}  // namespace

void AddPeopleRoutes(Core& core) {
  for (const bool by_id : {false, true}) {
    const std::string_view path = by_id ? "/v1/people/{id}" : "/v1/people/{type}:{value}";
    AddRoute(core, http::Method::kGet, path, {.scope = "people:read"},
             [by_id](const ExchangePtr& exchange) { Read(exchange, by_id); });
    AddRoute(core, http::Method::kDelete, path, {.scope = "people:erase"},
             [by_id](const ExchangePtr& exchange) { EraseRoute(exchange, by_id); });
  }
}

}  // namespace batuta::api

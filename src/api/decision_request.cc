#include "api/decision_request.h"

#include <utility>
#include <vector>

#include "api/idempotency.h"
#include "api/known_names.h"
#include "api/object_reader.h"
#include "base/encoding.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/status.h"
#include "base/text.h"
#include "base/value.h"
#include "engine/record.pb.h"
#include "identity/refs.h"

namespace batuta::api {
namespace {

constexpr int64_t kMaxSlots = 100;

Explanation ExplanationOf(std::string_view name) {
  if (name == "full") return Explanation::kFull;
  return name == "summary" ? Explanation::kSummary : Explanation::kNone;
}

void CheckSlots(Core& core, const DecisionWish& wish, ObjectReader& body) {
  const auto view = core.definitions.Now();
  const decision::Placement* placement =
      view->definitions->catalogue->FindPlacement(wish.placement);
  if (placement == nullptr || wish.slots <= placement->slots) return;
  body.Error("slots", "out_of_range",
             base::StrCat("the placement has ", placement->slots, " slots"));
}

void CheckAction(Core& core, std::string_view action, ObjectReader& body) {
  const auto view = core.definitions.Now();
  if (action.empty() || view->definitions->catalogue->FindAction(action) != nullptr) return;
  body.Error("action", "unknown_action",
             "there is no such action" +
                 Suggestion(action, NamesOf(view->definitions->resources, "action")));
}

// A browser's key is public: it may decide for the visitor it speaks for, and see the answer only.
bool BrowserMay(const ExchangePtr& exchange, const DecisionWish& wish) {
  if (exchange->key()->kind() != kBrowserKind) return true;
  const std::string type = wish.person.identifier.has_value() ? wish.person.identifier->type : "";
  if (type != "user_id" && type != "anonymous_id") {
    exchange->Fail(http::Status::kForbidden, "wrong_key",
                   "A browser key decides for a userId or an anonymousId only.");
    return false;
  }
  if (wish.explanation != Explanation::kNone) {
    exchange->Fail(http::Status::kForbidden, "wrong_key",
                   "A browser key gets no explanations; ask with a secret key.");
    return false;
  }
  return true;
}

}  // namespace

void CheckPlacement(Core& core, std::string_view name, ObjectReader& body) {
  const auto view = core.definitions.Now();
  if (name.empty() || view->definitions->catalogue->FindPlacement(name) != nullptr) return;
  body.Error("placement", "unknown_placement",
             "there is no such placement" +
                 Suggestion(name, NamesOf(view->definitions->resources, "placement")));
}

absl::StatusOr<base::PartitionId> NamePerson(Core& core, const PersonName& person,
                                             engine::PersonAsk& ask) {
  if (!person.identifier.has_value()) {
    *ask.mutable_id() = identity::ToRef(person.id);
    return person.id.partition;
  }
  const PersonRef& by = *person.identifier;
  identity::EventIdentifier& identifier = *ask.mutable_identifier();
  identifier.set_type(by.type);
  *identifier.mutable_hash() = identity::ToRef(by.hash);
  BATUTA_ASSIGN_OR_RETURN(*identifier.mutable_value(),
                          core.hub.vault().Seal(by.hash, by.value, by.type));
  return identity::HomeOf(by.hash, core.hub.partitions());
}

std::optional<DecisionWish> ReadDecisionWish(const ExchangePtr& exchange, bool why_not) {
  Core& core = exchange->core();
  std::vector<http::ProblemError> errors;
  const auto root = base::ParseJson(exchange->request().body);
  if (!root.ok()) {
    exchange->FailNotJson(root.status());
    return std::nullopt;
  }
  ObjectReader body(*root, "", errors);
  DecisionWish wish;
  auto person = ReadPersonMember(core, body, errors);
  wish.placement = body.Text("placement", Need::kRequired);
  if (const base::Value* context = body.Object("context")) wish.context = context->object();
  if (why_not) {
    wish.action = body.Text("action", Need::kRequired);
    CheckAction(core, wish.action, body);
    wish.dry_run = true;
  } else {
    wish.slots = static_cast<uint32_t>(body.Integer("slots", 1, kMaxSlots).value_or(0));
    wish.dry_run = body.Bool("dryRun");
    wish.explanation = ExplanationOf(body.Choice("explain", {"none", "summary", "full"}));
  }
  CheckPlacement(core, wish.placement, body);
  CheckSlots(core, wish, body);
  body.Finish();
  if (!errors.empty()) {
    exchange->Fail(std::move(errors));
    return std::nullopt;
  }
  wish.person = *std::move(person);
  if (!BrowserMay(exchange, wish)) return std::nullopt;
  return wish;
}

std::optional<RequestName> NameRequest(const ExchangePtr& exchange, const DecisionWish& wish) {
  auto key = IdempotencyKeyOf(exchange);
  if (!key.has_value()) return std::nullopt;
  if (key->empty() || wish.dry_run) return RequestName{exchange->core().hub.DrawId(), ""};
  base::ByteWriter name;
  name.Bytes(exchange->key()->id());
  const auto& identifier = wish.person.identifier;
  name.Raw(identifier.has_value() ? identifier->hash.ToBytes() : wish.person.id.ToBytes());
  name.Bytes(*key);
  return RequestName{{base::Hash128(name.bytes())}, *std::move(key)};
}

void AskDecision(const ExchangePtr& exchange, const DecisionWish& wish, const RequestName& name,
                 AskDone done) {
  Core& core = exchange->core();
  engine::DecisionAsk ask;
  const auto home = NamePerson(core, wish.person, *ask.mutable_person());
  if (!home.ok()) return done(home.status());
  ask.mutable_person()->set_source(exchange->key()->source());
  decision::DecisionRequest& request = *ask.mutable_request();
  request.set_request_id(name.id.ToBytes());
  request.set_placement(wish.placement);
  request.set_slots(wish.slots);
  *request.mutable_context() = wish.context;
  request.set_dry_run(wish.dry_run);
  request.set_idempotency_key(name.idempotency_key);
  request.set_event_time(core.hub.clock().Wall().micros);
  Ask(core, NewEntry(core, *home, engine::RecordType::kDecisionAsk, ask.SerializeAsString()),
      name.id, std::move(done));
}

}  // namespace batuta::api

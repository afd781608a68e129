// Outcomes: reported through the api, matched from events, or come to by time.
#include <cmath>
#include <optional>
#include <utility>

#include "base/encoding.h"
#include "base/money.h"
#include "base/status.h"
#include "base/value.h"
#include "engine/fold.h"
#include "expr/operators.h"
#include "identity/refs.h"
#include "learn/beta_model.h"
#include "rule/explain.h"
#include "rule/person.h"

namespace batuta::engine {
namespace {

struct ChoiceTarget {
  base::PersonId person;
  base::DecisionId decision;
  uint32_t slot = 0;
};

std::string Encode(const ChoiceTarget& target) {
  base::ByteWriter writer;
  writer.Raw(target.person.ToBytes());
  writer.Raw(target.decision.ToBytes());
  writer.U32(target.slot);
  return writer.Take();
}

ChoiceTarget DecodeTarget(std::string_view bytes) {
  base::ByteReader reader(bytes);
  ChoiceTarget target;
  target.person = base::PersonId::FromBytes(reader.Raw(19));
  target.decision = base::DecisionId::FromBytes(reader.Raw(18));
  target.slot = reader.U32();
  BATUTA_CHECK(reader.ok() && reader.AtEnd());
  return target;
}

// What an event says that it was worth: `value`, `revenue` or `total`, with `currency`.
base::Money ValueOf(const Event& event) {
  base::Fields properties;
  BATUTA_CHECK(properties.ParseFromString(event.properties()));
  for (const std::string_view name : {"value", "revenue", "total"}) {
    const base::Value* amount = base::Find(properties, name);
    if (amount == nullptr || amount->kind_case() != base::Value::kNumber) continue;
    const base::Value* currency = base::Find(properties, "currency");
    if (currency == nullptr) return {};
    const auto parsed = base::ParseCurrency(currency->text());
    constexpr double kLargest = 9e12;  // units whose millionths still fit
    if (!parsed.ok() || !(std::abs(amount->number()) <= kLargest)) return {};
    return {static_cast<int64_t>(std::round(amount->number() * 1e6)), *parsed};
  }
  return {};
}

// An event, its person and the time of the log, as the rules of outcomes read them.
class OutcomeSource : public expr::AttributeSource {
 public:
  OutcomeSource(const Event& event, base::Time event_time, base::Time now,
                const rule::PersonSource& person, const table::Tables& tables)
      : event_(event), event_time_(event_time), now_(now), person_(person), tables_(tables) {
    BATUTA_CHECK(properties_.ParseFromString(event.properties()));
    BATUTA_CHECK(context_.ParseFromString(event.context()));
  }

  expr::Value Read(const expr::Attribute& attribute, expr::Scratch& scratch) const override {
    if (attribute.variable == "now") return rule::TimeValue(now_.micros);
    if (IsOfPerson(attribute)) return person_.Read(attribute, scratch);
    if (attribute.fields.empty()) return rule::Absent(/*is_last=*/true);
    expr::Value value = Root(attribute.fields[0]);
    for (size_t i = 1; i < attribute.fields.size(); ++i) {
      value = expr::Select(value, attribute.fields[i], scratch);
    }
    return value;
  }
  expr::Value ReadSlot(uint32_t slot, const expr::Attribute& attribute,
                       expr::Scratch& scratch) const override {
    if (IsOfPerson(attribute)) return person_.ReadSlot(slot, attribute, scratch);
    return Read(attribute, scratch);
  }
  expr::Value Lookup(std::string_view table, std::string_view key,
                     expr::Scratch& scratch) const override {
    return table::Lookup(tables_, table, key, scratch);
  }

 private:
  static bool IsOfPerson(const expr::Attribute& attribute) {
    return attribute.variable == "person" || attribute.variable == "feature";
  }

  expr::Value Root(std::string_view field) const {
    if (field == "name") return expr::Value::Text(event_.name());
    if (field == "type") return expr::Value::Text("track");
    if (field == "source") return expr::Value::Text(event_.source());
    if (field == "time") return rule::TimeValue(event_time_.micros);
    if (field == "properties") return expr::Value::OfJson(properties_);
    if (field == "context") return expr::Value::OfJson(context_);
    return rule::Absent(/*is_last=*/true);
  }

  const Event& event_;
  base::Time event_time_;
  base::Time now_;
  const rule::PersonSource& person_;
  const table::Tables& tables_;
  base::Fields properties_;
  base::Fields context_;
};

// The rule by which an event counts as the outcome; null if all do.
const rule::Rule* WhereOf(const decision::Action& action, decision::OutcomeKind kind) {
  switch (kind) {
    case decision::OutcomeKind::kAccepted:
      return action.accept_where.get();
    case decision::OutcomeKind::kRefunded:
      return action.refund_where.get();
    default:
      return action.reject_where.get();
  }
}

}  // namespace

void Fold::OnOutcomeAsk(OutcomeAsk ask) {
  const auto row = state_.GetRow<DecisionRow>(RowKind::kDecision, ask.decision());
  if (!row.has_value()) {
    return ReplyError(ask.request_id(), absl::NotFoundError("there is no such decision"));
  }
  OutcomeOnWay on_way;
  *on_way.mutable_ask() = std::move(ask);
  *on_way.mutable_person() = row->person();
  OutcomeAtPerson(std::move(on_way));
}

void Fold::OutcomeAtPerson(OutcomeOnWay on_way) {
  const base::PersonId person = identity::FromRef(on_way.person());
  const auto send_to = [&](const base::PersonId& to) {
    *on_way.mutable_person() = identity::ToRef(to);
    Message message;
    *message.mutable_outcome() = std::move(on_way);
    Send(to.partition, std::move(message));
  };
  if (person.partition != settings_.partition) return send_to(person);
  PersonRow& row = state_.people.Mutable(person);
  if (const auto survivor = MergedInto(row)) return send_to(*survivor);
  const OutcomeAsk& ask = on_way.ask();
  decision::OpenDecision* open =
      decision::FindOpen(*row.mutable_open(), base::DecisionId::FromBytes(ask.decision()));
  if (open == nullptr) {
    return ReplyError(ask.request_id(),
                      absl::FailedPreconditionError("the decision's life is over, or it chose "
                                                    "nothing: no outcome can be taken any more"));
  }
  decision::Outcome outcome;
  outcome.kind = static_cast<decision::OutcomeKind>(ask.kind());
  outcome.slot = ask.slot();
  outcome.at = {ask.at() == 0 ? log_time().micros : ask.at()};
  if (ask.currency() != 0) outcome.value = {ask.value_micros(), base::Currency{ask.currency()}};
  decision::Effects effects = decision::Report(
      outcome, {.open = *open, .contacts = *row.mutable_contacts(), .now = log_time()});
  const std::string note(decision::NoChangeText(effects.no_change));
  if (effects.changed()) {
    if (outcome.kind == decision::OutcomeKind::kAccepted) {
      tallies().set_accepted(tallies().accepted() + 1);
      AcceptByReport(*open, outcome, row);
    }
    TakeChoiceEffects(person, *open, std::move(effects), row);
    CloseLives(row);
    AddToTimeline(person, profile::EntryKind::kOutcome, log_time(), current_.position);
  }
  Reply(ask.request_id(), note);
}

void Fold::OnChoiceTimer(const Timer& timer) {
  const ChoiceTarget target = DecodeTarget(timer.target);
  const PersonRow* found = state_.people.Find(target.person);
  if (found == nullptr || found->open().decisions().empty()) return;
  PersonRow& row = state_.people.Mutable(target.person);
  decision::OpenDecision* open = decision::FindOpen(*row.mutable_open(), target.decision);
  if (open == nullptr) return;
  decision::Effects effects = decision::OnTimer(
      target.slot, {.open = *open, .contacts = *row.mutable_contacts(), .now = log_time()});
  if (effects.changed()) TakeChoiceEffects(target.person, *open, std::move(effects), row);
  CloseLives(row);
}

bool Fold::Holds(const rule::Rule& where, const Event& event, base::Time event_time,
                 const PersonRow& row) const {
  const std::vector<std::string_view> segments = SegmentsOf(row);
  const rule::PersonSource person(definitions_->meaning(), PersonOf(row, segments),
                                  &definitions_->plan);
  const OutcomeSource source(event, event_time, log_time(), person, *tables_);
  expr::Activation activation(definitions_->catalogue->attributes(), source);
  expr::Evaluator evaluator(rule::kRuleBudget);
  return rule::Judge(where, activation, evaluator) == rule::OUTCOME_TRUE;
}

void Fold::MatchOutcomes(const Event& event, base::Time event_time, const base::PersonId& person,
                         PersonRow& row) {
  const bool is_track = event.type() == static_cast<uint32_t>(profile::EventType::kTrack);
  if (!is_track || event.import() || row.open().decisions().empty()) return;
  const auto matches = decision::MatchEvent(
      row.open(), event.name(), event_time,
      [&](std::string_view action, decision::OutcomeKind kind) {
        // Choices of an action that is gone live on by the event's name.
        const decision::Action* found = definitions_->catalogue->FindAction(action);
        const rule::Rule* where = found == nullptr ? nullptr : WhereOf(*found, kind);
        return where == nullptr || Holds(*where, event, event_time, row);
      });
  if (matches.empty()) return;
  const base::Money value = ValueOf(event);
  for (const decision::EventMatch& match : matches) {
    decision::OpenDecision& open =
        *row.mutable_open()->mutable_decisions(static_cast<int>(match.decision));
    const decision::Outcome outcome{
        .kind = match.kind, .slot = match.slot, .at = event_time, .value = value, .by_event = true};
    decision::Effects effects = decision::Report(
        outcome, {.open = open, .contacts = *row.mutable_contacts(), .now = log_time()});
    if (!effects.changed()) continue;
    const bool was_shown = match.slot < decision::kNaturalSlots;
    if (match.kind == decision::OutcomeKind::kAccepted && was_shown) {
      tallies().set_accepted(tallies().accepted() + 1);
    }
    TakeChoiceEffects(person, open, std::move(effects), row);
  }
  CloseLives(row);
}

// What holdouts count of an event, as an acceptance or as taking one back: for everybody whom they
// met, whatever they were shown.
void Fold::CountForHoldouts(decision::OutcomeKind kind, const Event& event, base::Time event_time,
                            PersonRow& row) {
  const bool is_track = event.type() == static_cast<uint32_t>(profile::EventType::kTrack);
  if (!is_track || event.import() || row.holdouts().empty()) return;
  const decision::Catalogue& catalogue = *definitions_->catalogue;
  const bool is_refund = kind == decision::OutcomeKind::kRefunded;
  decision::Acceptance acceptance{.at = event_time, .is_refund = is_refund};
  for (const decision::Action* action :
       is_refund ? catalogue.RefundedBy(event.name()) : catalogue.AcceptedBy(event.name())) {
    const rule::Rule* where = WhereOf(*action, kind);
    const bool counts = where == nullptr || Holds(*where, event, event_time, row);
    if (counts) acceptance.offers.push_back(action);
  }
  if (acceptance.offers.empty()) return;
  acceptance.stated = ValueOf(event);
  CountAcceptance(acceptance, row);
}

void Fold::TakeChoiceEffects(const base::PersonId& person, const decision::OpenDecision& open,
                             decision::Effects effects, PersonRow& row) {
  if (settings_.observer != nullptr) settings_.observer->OnLife(open);
  const base::DecisionId id = base::DecisionId::FromBytes(open.decision());
  for (const decision::ChoiceTimer& timer : effects.timers) {
    state_.timers.Set({.due = timer.due,
                       .kind = TimerKind::kChoiceDeadline,
                       .target = Encode({person, id, timer.slot})});
  }
  for (learn::TrainingMessage& training : effects.training) Teach(std::move(training), row);
  SendHoldChanges(id.partition, effects.holds);
}

// Decisions to which nothing can happen any more leave the person; what came of them is kept where
// they were made.
void Fold::CloseLives(PersonRow& row) {
  for (const decision::OpenDecision& open : row.open().decisions()) {
    if (!decision::IsOver(open)) continue;
    LifeOver over;
    over.set_decision(open.decision());
    for (const decision::OpenSlot& slot : open.slots()) {
      if (!slot.natural()) *over.add_slots() = decision::Outcomes(slot);
    }
    if (over.slots().empty()) continue;
    const base::PartitionId home = base::DecisionId::FromBytes(open.decision()).partition;
    if (home == settings_.partition) {
      OnLifeOver(over);
    } else {
      Message message;
      *message.mutable_life_over() = std::move(over);
      Send(home, std::move(message));
    }
  }
  decision::DropOver(*row.mutable_open());
}

void Fold::OnLifeOver(const LifeOver& over) {
  state_.PutRow(RowKind::kLife, over.decision(), over);
}

// Sets the timers of a decision that has moved to this person.
void Fold::SetChoiceTimers(const base::PersonId& person, const decision::OpenDecision& open) {
  const base::DecisionId id = base::DecisionId::FromBytes(open.decision());
  for (const decision::OpenSlot& slot : open.slots()) {
    if (slot.closed() || slot.deadline() == 0) continue;
    state_.timers.Set({.due = {slot.deadline()},
                       .kind = TimerKind::kChoiceDeadline,
                       .target = Encode({person, id, slot.slot()})});
  }
}

}  // namespace batuta::engine

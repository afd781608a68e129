#include "decision/lifecycle.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/money.h"
#include "base/status.h"
#include "decision/offered.h"
#include "policy/contacts.h"

namespace batuta::decision {
namespace {

using policy::ContactStage;

constexpr int32_t kTaughtNothing = 0;
constexpr int32_t kTaughtNegative = 1;
constexpr int32_t kTaughtPositive = 2;

Effects Unchanged(NoChange reason) { return {.no_change = reason}; }

OpenSlot* FindSlot(OpenDecision& open, uint32_t slot) {
  for (OpenSlot& one : *open.mutable_slots()) {
    if (one.slot() == slot) return &one;
  }
  return nullptr;
}

base::Time Within(base::Time time, const Life& life) {
  return std::clamp(time, base::Time{life.open.reserved_at()},
                    std::max(life.now, base::Time{life.open.reserved_at()}));
}

// Tells what the stage of the slot means for what it holds of constraints.
void SettleHolds(OpenSlot& slot, Effects& effects) {
  if (slot.holds().empty() || slot.stage() == policy::RESERVED) return;
  const bool is_spent = slot.stage() >= policy::EXPOSED;
  const bool was_spent = slot.held() == policy::HOLD_SPENT || slot.held() == policy::HOLD_LATE;
  const bool was_returned = slot.held() == policy::HOLD_RETURNED;
  if (is_spent ? was_spent : was_returned) return;
  slot.set_held(!is_spent      ? policy::HOLD_RETURNED
                : was_returned ? policy::HOLD_LATE
                               : policy::HOLD_SPENT);
  for (const policy::Stake& hold : slot.holds()) effects.holds.push_back({hold, slot.held()});
}

void SetDeadline(OpenSlot& slot, base::Time due, Effects& effects) {
  slot.set_deadline(due.micros);
  effects.timers.push_back({.due = due, .slot = slot.slot()});
}

void Close(OpenSlot& slot) {
  slot.set_closed(true);
  slot.set_deadline(0);
}

// Moves the slot and its contact to the stage. The contact may be missing: it is forgotten earlier
// when policies need it no longer.
void MoveTo(ContactStage stage, base::Time at, OpenSlot& slot, Life& life) {
  BATUTA_CHECK(stage > slot.stage());
  slot.set_stage(stage);
  if (stage == policy::EXPOSED) {
    slot.set_exposed_at(at.micros);
    slot.set_ended_at(0);
  } else {
    slot.set_ended_at(at.micros);
  }
  policy::Contact* contact = policy::FindMutableContact(
      life.contacts, base::DecisionId::FromBytes(life.open.decision()), slot.slot());
  if (contact == nullptr) return;
  // Policies reckon in log time.
  contact->set_stage(stage);
  if (stage == policy::EXPOSED) {
    contact->set_exposed_at(life.now.micros);
    contact->set_ended_at(0);
  } else {
    contact->set_ended_at(life.now.micros);
  }
}

// What the acceptance said that it was worth, if in the currency in which that is learned.
std::optional<int64_t> WorthOf(const OpenSlot& slot, const OpenDecision& open) {
  const bool is_stated = slot.stage() == policy::ACCEPTED && !slot.natural() &&
                         !slot.currency().empty() && slot.currency() == open.currency();
  return is_stated ? std::optional(slot.value_micros()) : std::nullopt;
}

bool IsPositive(const OpenSlot& slot) {
  return slot.stage() == policy::ACCEPTED || (slot.learns_clicks() && slot.clicked_at() != 0);
}

// Teaches the label that the slot has now, replacing the one that was taught before. `worth_before`
// is what was taught with that.
void Teach(std::optional<int64_t> worth_before, OpenSlot& slot, const Life& life,
           Effects& effects) {
  const int32_t label = IsPositive(slot) ? kTaughtPositive : kTaughtNegative;
  const std::optional<int64_t> worth = WorthOf(slot, life.open);
  if (slot.taught() == label && worth == worth_before) return;
  learn::TrainingMessage message;
  message.set_action(slot.action());
  message.set_placement(life.open.placement());
  message.set_level(slot.natural() ? learn::NATURAL_LEVEL : learn::ACCEPTED_LEVEL);
  message.set_positive(IsPositive(slot));
  message.set_weight_micros(1'000'000);
  message.set_example_time(slot.exposed_at());
  message.set_replaces(slot.taught() != kTaughtNothing);
  message.set_was_positive(slot.taught() == kTaughtPositive);
  if (worth) message.set_worth(*worth);
  if (worth_before) message.set_worth_before(*worth_before);
  message.set_decision(life.open.decision());
  message.set_slot(slot.slot());
  message.set_predicted(slot.predicted());
  message.set_probability(slot.probability());
  if (life.open.has_predictors()) *message.mutable_values() = ValuesOf(life.open, slot);
  if (slot.has_score()) message.set_score(slot.score());
  slot.set_taught(label);
  effects.training.push_back(std::move(message));
}

// After an outcome the choice stays open for corrections until its window ends, at least until it
// would have counted as ignored, and as long as it can be refunded.
base::Time EndOf(const OpenSlot& slot, const OpenDecision& open) {
  const base::Duration span{std::max(slot.window(), open.ignored_after())};
  const base::Time end = base::Time{slot.exposed_at()} + span;
  if (slot.stage() != policy::ACCEPTED || slot.refund_event().empty()) return end;
  return std::max(end, base::Time{slot.ended_at()} + base::Duration{slot.refund_window()});
}

void Expose(base::Time at, OpenSlot& slot, Life& life, Effects& effects) {
  MoveTo(policy::EXPOSED, Within(at, life), slot, life);
  const base::Duration ignored_after{life.open.ignored_after()};
  SetDeadline(slot, base::Time{slot.exposed_at()} + ignored_after, effects);
}

bool IsShown(const OpenSlot& slot) { return slot.stage() >= policy::EXPOSED; }

void Accept(const Outcome& outcome, OpenSlot& slot, Life& life, Effects& effects) {
  MoveTo(policy::ACCEPTED, Within(outcome.at, life), slot, life);
  slot.set_value_micros(outcome.value.micros);
  slot.set_currency(base::FormatCurrency(outcome.value.currency));
  Teach(std::nullopt, slot, life, effects);
  SetDeadline(slot, EndOf(slot, life.open), effects);
}

void Click(base::Time at, OpenSlot& slot, const Life& life, Effects& effects) {
  slot.set_clicked_at(Within(at, life).micros);
  if (slot.learns_clicks()) Teach(WorthOf(slot, life.open), slot, life, effects);
}

// As much as the refund states in the same currency, else all of it.
void Refund(const Outcome& outcome, OpenSlot& slot, Life& life, Effects& effects) {
  const std::optional<int64_t> before = WorthOf(slot, life.open);
  const bool is_part =
      !slot.currency().empty() && base::FormatCurrency(outcome.value.currency) == slot.currency();
  const int64_t part =
      std::clamp<int64_t>(outcome.value.micros, 0, std::max<int64_t>(0, slot.value_micros()));
  slot.set_value_micros(is_part ? slot.value_micros() - part : 0);
  if (slot.currency().empty()) slot.set_currency(life.open.currency());
  slot.set_refunded_at(Within(outcome.at, life).micros);
  Teach(before, slot, life, effects);
}

void Reject(const Outcome& outcome, OpenSlot& slot, Life& life, Effects& effects) {
  MoveTo(policy::REJECTED, Within(outcome.at, life), slot, life);
  Teach(std::nullopt, slot, life, effects);
  SetDeadline(slot, EndOf(slot, life.open), effects);
}

// Why the outcome can change nothing; kNone if it can.
NoChange Refusal(OutcomeKind kind, const OpenSlot& slot) {
  if (slot.closed()) return NoChange::kClosed;
  switch (kind) {
    case OutcomeKind::kExposed:
      return IsShown(slot) ? NoChange::kDuplicate : NoChange::kNone;
    case OutcomeKind::kClicked:
      return slot.clicked_at() != 0 ? NoChange::kDuplicate : NoChange::kNone;
    case OutcomeKind::kAccepted:
      return slot.stage() == policy::ACCEPTED ? NoChange::kDuplicate : NoChange::kNone;
    case OutcomeKind::kRejected:
      if (slot.stage() == policy::ACCEPTED) return NoChange::kAlreadyAccepted;
      return slot.stage() == policy::REJECTED ? NoChange::kDuplicate : NoChange::kNone;
    case OutcomeKind::kFailed:
      if (IsShown(slot)) return NoChange::kAlreadyExposed;
      return slot.stage() == policy::RESERVED ? NoChange::kNone : NoChange::kDuplicate;
    case OutcomeKind::kRefunded:
      return slot.stage() == policy::ACCEPTED ? NoChange::kNone : NoChange::kNotAccepted;
  }
  return NoChange::kDuplicate;
}

OpenSlot OpenSlotOf(const Chosen& chosen, uint32_t slot, const Action* action) {
  OpenSlot open;
  open.set_slot(slot);
  open.set_action(chosen.action());
  open.set_stage(policy::RESERVED);
  open.set_predicted(chosen.propensity());
  open.set_probability(chosen.probability());
  if (chosen.has_score()) open.set_score(chosen.score());
  *open.mutable_codes() = chosen.codes();
  *open.mutable_numbers() = chosen.numbers();
  *open.mutable_holds() = chosen.holds();
  open.set_window(action == nullptr ? base::Days(7).micros : action->window.micros);
  if (action == nullptr) return open;
  open.set_accept_event(action->accept_event);
  open.set_reject_event(action->reject_event);
  open.set_learns_clicks(action->learns_clicks);
  open.set_needs_click(action->needs_click);
  open.set_refund_event(action->refund_event);
  open.set_refund_window(action->refund_window.micros);
  return open;
}

// Whether people from whom the action is withheld can tell how many accept it by themselves: only
// an event can say so, and none that needs to have been shown anything.
bool CanComeByItself(const Action* action) {
  return action != nullptr && !action->accept_event.empty() && !action->learns_clicks &&
         !action->needs_click;
}

OpenSlot NaturalSlotOf(const Withheld& withheld, const Action& action) {
  OpenSlot open;
  open.set_slot(kNaturalSlots + withheld.slot());
  open.set_natural(true);
  open.set_action(withheld.action());
  open.set_predicted(withheld.natural());
  open.set_probability(1);
  if (withheld.has_score()) open.set_score(withheld.score());
  *open.mutable_codes() = withheld.codes();
  *open.mutable_numbers() = withheld.numbers();
  open.set_window(action.window.micros);
  open.set_accept_event(action.accept_event);
  return open;
}

}  // namespace

policy::Contact ContactOf(const Decision& decision, const Chosen& chosen, uint32_t slot) {
  policy::Contact contact;
  contact.set_decision(decision.id());
  contact.set_slot(slot);
  contact.set_action(chosen.action());
  contact.set_group(chosen.group());
  contact.set_issue(chosen.issue());
  contact.set_channel(decision.channel());
  contact.set_placement(decision.placement());
  contact.set_action_class(chosen.action_class());
  contact.set_stage(policy::RESERVED);
  contact.set_reserved_at(decision.log_time());
  contact.set_not_before(chosen.not_before());
  return contact;
}

std::string_view NoChangeText(NoChange reason) {
  switch (reason) {
    case NoChange::kNone:
      return "it was taken";
    case NoChange::kDuplicate:
      return "it had happened before";
    case NoChange::kNoSuchSlot:
      return "the decision chose nothing in this slot";
    case NoChange::kClosed:
      return "the time for outcomes of this choice is over";
    case NoChange::kNotExposed:
      return "nothing had been shown before";
    case NoChange::kAlreadyAccepted:
      return "the choice has been accepted, which nothing undoes";
    case NoChange::kAlreadyExposed:
      return "the choice has been shown, so it cannot fail any more";
    case NoChange::kNotDue:
      return "the timer is not due";
    case NoChange::kNotAccepted:
      return "nothing has been accepted that could be refunded";
  }
  return "";
}

Effects Reserve(const Decision& decision, const Catalogue& catalogue, Life life) {
  BATUTA_CHECK(life.open.decision().empty());
  Effects effects;
  const Placement* placement = catalogue.FindPlacement(decision.placement());
  if (decision.dry_run() || placement == nullptr) return effects;
  OpenDecision& open = life.open;
  open.set_placement(decision.placement());
  open.set_reserved_at(decision.log_time());
  open.set_expires_after(placement->expires_after.micros);
  open.set_ignored_after(placement->ignored_after.micros);
  open.set_currency(decision.currency());
  if (decision.has_predictors()) *open.mutable_predictors() = decision.predictors();
  for (int i = 0; i < decision.chosen_size(); ++i) {
    const Chosen& chosen = decision.chosen(i);
    if (chosen.nothing()) continue;
    open.set_decision(decision.id());
    const auto slot = static_cast<uint32_t>(i);
    policy::AddContact(life.contacts, ContactOf(decision, chosen, slot));
    OpenSlot& added = *open.add_slots();
    added = OpenSlotOf(chosen, slot, catalogue.FindAction(chosen.action()));
    // What quiet hours put off begins its life in the world when they are over.
    const base::Time begins{std::max(decision.log_time(), chosen.not_before())};
    if (placement->exposure != Exposure::kDecision) {
      SetDeadline(added, begins + placement->expires_after, effects);
    } else if (begins.micros > decision.log_time()) {
      added.set_exposed_at_deadline(true);
      SetDeadline(added, begins, effects);
    } else {
      Expose(begins, added, life, effects);
    }
    SettleHolds(added, effects);
  }
  for (const Withheld& withheld : decision.withheld()) {
    const Action* action = catalogue.FindAction(withheld.action());
    if (!CanComeByItself(action)) continue;
    open.set_decision(decision.id());
    OpenSlot& added = *open.add_slots();
    added = NaturalSlotOf(withheld, *action);
    Expose(base::Time{decision.log_time()}, added, life, effects);
  }
  if (open.decision().empty()) open.Clear();
  return effects;
}

Effects Report(const Outcome& reported, Life life) {
  OpenSlot* slot = FindSlot(life.open, reported.slot);
  if (slot == nullptr || (slot->natural() && !reported.by_event)) {
    return Unchanged(NoChange::kNoSuchSlot);
  }
  Outcome outcome = reported;
  // An answer to something else says only that the slot was seen.
  if (slot->replaced() && outcome.kind != OutcomeKind::kFailed) {
    outcome.kind = OutcomeKind::kExposed;
  }
  const NoChange refusal = Refusal(outcome.kind, *slot);
  if (refusal != NoChange::kNone) return Unchanged(refusal);
  Effects effects;
  if (outcome.kind == OutcomeKind::kFailed) {
    MoveTo(policy::FAILED, Within(outcome.at, life), *slot, life);
    SetDeadline(*slot, life.now + kLateExposureGrace, effects);
    SettleHolds(*slot, effects);
    return effects;
  }
  if (!IsShown(*slot)) Expose(outcome.at, *slot, life, effects);
  switch (outcome.kind) {
    case OutcomeKind::kClicked:
      Click(outcome.at, *slot, life, effects);
      break;
    case OutcomeKind::kAccepted:
      Accept(outcome, *slot, life, effects);
      break;
    case OutcomeKind::kRejected:
      Reject(outcome, *slot, life, effects);
      break;
    case OutcomeKind::kRefunded:
      Refund(outcome, *slot, life, effects);
      break;
    case OutcomeKind::kExposed:
    case OutcomeKind::kFailed:
      break;
  }
  SettleHolds(*slot, effects);
  // Only the last deadline is the slot's; earlier ones of the same transition are void.
  if (effects.timers.size() > 1) effects.timers.erase(effects.timers.begin());
  return effects;
}

Effects OnTimer(uint32_t slot_number, Life life) {
  OpenSlot* slot = FindSlot(life.open, slot_number);
  if (slot == nullptr) return Unchanged(NoChange::kNoSuchSlot);
  if (slot->closed()) return Unchanged(NoChange::kClosed);
  if (slot->deadline() == 0 || base::Time{slot->deadline()} > life.now) {
    return Unchanged(NoChange::kNotDue);
  }
  Effects effects;
  if (slot->stage() == policy::RESERVED && slot->exposed_at_deadline()) {
    Expose(base::Time{slot->deadline()}, *slot, life, effects);
  } else if (slot->stage() == policy::RESERVED) {
    MoveTo(policy::EXPIRED, life.now, *slot, life);
    SetDeadline(*slot, life.now + kLateExposureGrace, effects);
  } else if (slot->stage() == policy::EXPOSED && !slot->replaced()) {
    MoveTo(policy::IGNORED, life.now, *slot, life);
    Teach(std::nullopt, *slot, life, effects);
    const base::Time end = EndOf(*slot, life.open);
    if (end > life.now) {
      SetDeadline(*slot, end, effects);
    } else {
      Close(*slot);
    }
  } else {
    Close(*slot);
  }
  SettleHolds(*slot, effects);
  return effects;
}

std::vector<HoldChange> DroppedHolds(const OpenDecision& open) {
  std::vector<HoldChange> changes;
  for (const OpenSlot& slot : open.slots()) {
    if (slot.held() != policy::HOLD_FATE_UNSPECIFIED) continue;
    for (const policy::Stake& hold : slot.holds()) changes.push_back({hold, policy::HOLD_RETURNED});
  }
  return changes;
}

std::vector<HoldChange> DroppedHolds(const Decision& decision) {
  std::vector<HoldChange> changes;
  for (const Chosen& chosen : decision.chosen()) {
    for (const policy::Stake& hold : chosen.holds()) {
      changes.push_back({hold, policy::HOLD_RETURNED});
    }
  }
  return changes;
}

bool IsOver(const OpenDecision& open) {
  return std::all_of(open.slots().begin(), open.slots().end(),
                     [](const OpenSlot& slot) { return slot.closed(); });
}

}  // namespace batuta::decision

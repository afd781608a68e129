// The life of a choice: reserved, then exposed, then an outcome; or expired, or failed.
//
//     reserved ──► exposed ──► accepted | rejected
//        │  ▲         └──► ignored (timeout) ──► accepted | rejected
//        │  └ late exposure                    rejected ──► accepted
//        └──► expired (timeout) | failed
//
// A later positive outcome replaces "ignored" and "rejected", also in what the models were taught.
// A click, acceptance or rejection reported through the API proves that the choice was seen: it
// implies the exposure. An event that maps to acceptance needs an exposure before it, or a click
// where the action asks for that. What was never exposed teaches nothing. Anything else is a no-op
// that says why.
//
// A refund takes back what an acceptance was worth, not the acceptance.
//
// What a holdout kept from a person begins the same life at once, without a contact and without
// holding anything: whether the action's event comes all the same teaches how many accept by
// themselves (learn::NATURAL_LEVEL). Nobody can report on it.
//
// What the choice takes of constraints (policy/lease.h) is reserved from its decision on, spent
// when it is exposed, and returned when it expires or fails; a late exposure takes it again.
//
// Pure transitions over values: the caller keeps the person's contacts and open decisions, sets the
// timers and sends the messages. All times are log times, except those of exposures and outcomes,
// which are clamped to [reservation, now] by the caller's `at`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/types/span.h"
#include "base/ids.h"
#include "base/money.h"
#include "base/time.h"
#include "decision/catalogue.h"
#include "decision/decision.pb.h"
#include "decision/open_decision.pb.h"
#include "learn/model.pb.h"
#include "policy/contact.pb.h"
#include "policy/lease.pb.h"

namespace batuta::decision {

// How long a choice that expired can still turn out to have been shown.
inline constexpr base::Duration kLateExposureGrace = base::Hours(24);

// What would have won slot 0 but for a holdout lives as this slot, and so on; placements have
// fewer.
inline constexpr uint32_t kNaturalSlots = 1000;

enum class NoChange {
  kNone,             // something changed
  kDuplicate,        // it had happened before
  kNoSuchSlot,       // the slot was never filled, or holds "nothing"
  kClosed,           // its life is over
  kNotExposed,       // the event maps to an outcome, but nothing was shown before
  kAlreadyAccepted,  // nothing undoes an acceptance
  kAlreadyExposed,   // what was shown cannot fail any more
  kNotDue,           // the timer is not, or no more, due
  kNotAccepted,      // there is nothing to refund
};
// A sentence for people: "it had happened before".
std::string_view NoChangeText(NoChange reason);

struct ChoiceTimer {
  base::Time due;
  uint32_t slot = 0;
  friend bool operator==(const ChoiceTimer&, const ChoiceTimer&) = default;
};

// What became of what a choice had reserved of constraints.
struct HoldChange {
  policy::Stake hold;
  policy::HoldFate fate = policy::HOLD_FATE_UNSPECIFIED;
};

// What follows from a transition.
struct Effects {
  NoChange no_change = NoChange::kNone;
  // Timers to set. Timers set before need not be cancelled: they do nothing when they fire.
  std::vector<ChoiceTimer> timers = {};
  std::vector<learn::TrainingMessage> training = {};
  std::vector<HoldChange> holds = {};
  bool changed() const { return no_change == NoChange::kNone; }
};

// Where transitions happen; both are changed in place.
struct Life {
  OpenDecision& open;
  policy::ContactState& contacts;
  base::Time now;  // log time
};

// The outcomes that can be reported.
enum class OutcomeKind { kExposed, kClicked, kAccepted, kRejected, kFailed, kRefunded };

struct Outcome {
  OutcomeKind kind = OutcomeKind::kExposed;
  uint32_t slot = 0;
  base::Time at = {};      // event time; taken as within [reservation, now]
  base::Money value = {};  // of an acceptance or a refund; no currency when none was stated
  bool by_event = false;   // an event of the person, not a report
};

// The contact that a choice is, reserved.
policy::Contact ContactOf(const Decision& decision, const Chosen& chosen, uint32_t slot);

// Reserves what a decision chose: adds its contacts and fills `life.open`, which must be empty. A
// dry run and a decision of nothing reserve nothing and leave it empty. Does not look at the trace.
Effects Reserve(const Decision& decision, const Catalogue& catalogue, Life life);

Effects Report(const Outcome& outcome, Life life);

// A timer of this slot fired: the choice expires, is ignored, or is closed, if due.
Effects OnTimer(uint32_t slot, Life life);

// The decision is dropped with its person: what it still holds of constraints is returned.
std::vector<HoldChange> DroppedHolds(const OpenDecision& open);
// The same of a decision that never began its life.
std::vector<HoldChange> DroppedHolds(const Decision& decision);

// Whether nothing can happen to the decision any more: it may be dropped.
bool IsOver(const OpenDecision& open);

// An event of the person that may be an outcome of open choices: for each action that names it, the
// choice exposed last (not after the event, nor longer before it than the action's window, and not
// yet accepted, nor rejected where it rejects; what was shown before what was withheld). Of those
// whose acceptance it refunds the same. Indices into the given decisions, in their order. An event
// that both accepts and rejects accepts.
struct EventMatch {
  size_t decision = 0;
  uint32_t slot = 0;
  OutcomeKind kind = OutcomeKind::kAccepted;
};
// Whether the event counts as that outcome of that action, by more than its name. Asked only where
// the rest fits.
using CountsAs = absl::FunctionRef<bool(std::string_view action, OutcomeKind kind)>;
std::vector<EventMatch> MatchEvent(const OpenDecisions& open, std::string_view event,
                                   base::Time event_time, CountsAs counts);

// The decision's place in the set, or null.
OpenDecision* FindOpen(OpenDecisions& all, const base::DecisionId& decision);
// What came of a choice, without what it takes to go on with it.
OpenSlot Outcomes(const OpenSlot& slot);
// Adds, or joins with the one that is there.
void AddOpen(OpenDecisions& all, OpenDecision open);
// Removes those that are over.
void DropOver(OpenDecisions& all);
// The union by decision; of two states of one slot the later stage wins, then the later times.
// Invariant: commutative, associative and idempotent.
OpenDecisions Merge(const OpenDecisions& a, const OpenDecisions& b);

}  // namespace batuta::decision

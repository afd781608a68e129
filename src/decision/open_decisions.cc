// The set of a person's open decisions: finding, matching with events, merging.
#include <algorithm>
#include <optional>
#include <string>
#include <tuple>

#include "base/status.h"
#include "decision/lifecycle.h"

namespace batuta::decision {
namespace {

bool IsWithin(base::Time at, int64_t from, int64_t window) {
  return base::Time{from} <= at && at <= base::Time{from} + base::Duration{window};
}

// What the event would be for the choice, if anything.
std::optional<OutcomeKind> OutcomeOf(const OpenSlot& slot, std::string_view event, base::Time at,
                                     CountsAs counts) {
  if (slot.closed() || slot.replaced() || slot.stage() < policy::EXPOSED) return std::nullopt;
  const auto is = [&](const std::string& named, OutcomeKind kind) {
    return !named.empty() && named == event && counts(slot.action(), kind);
  };
  if (slot.stage() == policy::ACCEPTED) {
    const bool is_refund = IsWithin(at, slot.ended_at(), slot.refund_window()) &&
                           is(slot.refund_event(), OutcomeKind::kRefunded);
    return is_refund ? std::optional(OutcomeKind::kRefunded) : std::nullopt;
  }
  if (!IsWithin(at, slot.exposed_at(), slot.window())) return std::nullopt;
  const bool may_accept =
      !slot.needs_click() || (slot.clicked_at() != 0 && base::Time{slot.clicked_at()} <= at);
  if (may_accept && is(slot.accept_event(), OutcomeKind::kAccepted)) return OutcomeKind::kAccepted;
  if (slot.stage() != policy::REJECTED && is(slot.reject_event(), OutcomeKind::kRejected)) {
    return OutcomeKind::kRejected;
  }
  return std::nullopt;
}

// Of two choices of one action that an event fits, the one that it is due to.
auto Precedence(const OpenSlot& slot) { return std::pair(!slot.natural(), slot.exposed_at()); }

const OpenSlot& SlotOf(const OpenDecisions& open, const EventMatch& match) {
  for (const OpenSlot& slot : open.decisions(static_cast<int>(match.decision)).slots()) {
    if (slot.slot() == match.slot) return slot;
  }
  BATUTA_CHECK(false, "the match names a slot of the decision");
  return OpenSlot::default_instance();
}

// A total order on contents: of two states of one slot the larger is the one to keep.
bool IsLater(const OpenSlot& a, const OpenSlot& b) {
  const auto key = [](const OpenSlot& s) {
    return std::tuple(static_cast<int>(s.stage()), s.closed(), s.refunded_at(), s.ended_at(),
                      s.exposed_at(), s.clicked_at());
  };
  if (key(a) != key(b)) return key(a) > key(b);
  return a.SerializeAsString() > b.SerializeAsString();
}

void SortSlots(OpenDecision& open) {
  auto& slots = *open.mutable_slots();
  std::sort(slots.begin(), slots.end(), [](const OpenSlot& a, const OpenSlot& b) {
    if (a.slot() != b.slot()) return a.slot() < b.slot();
    return IsLater(a, b);
  });
  slots.erase(
      std::unique(slots.begin(), slots.end(),
                  [](const OpenSlot& a, const OpenSlot& b) { return a.slot() == b.slot(); }),
      slots.end());
}

// Of two records of one decision: its slots by stage, all else as the record with the larger bytes
// says (they differ only if something is wrong, but the law must hold then too).
OpenDecision Join(const OpenDecision& a, const OpenDecision& b) {
  const auto frame = [](OpenDecision open) {
    open.clear_slots();
    return open.SerializeAsString();
  };
  OpenDecision joined = frame(a) >= frame(b) ? a : b;
  const OpenDecision& other = frame(a) >= frame(b) ? b : a;
  joined.mutable_slots()->MergeFrom(other.slots());
  SortSlots(joined);
  return joined;
}

}  // namespace

std::vector<EventMatch> MatchEvent(const OpenDecisions& open, std::string_view event,
                                   base::Time event_time, CountsAs counts) {
  std::vector<EventMatch> matches;
  for (size_t i = 0; i < static_cast<size_t>(open.decisions_size()); ++i) {
    for (const OpenSlot& slot : open.decisions(static_cast<int>(i)).slots()) {
      const auto kind = OutcomeOf(slot, event, event_time, counts);
      if (!kind.has_value()) continue;
      const bool is_refund = *kind == OutcomeKind::kRefunded;
      auto same = std::find_if(matches.begin(), matches.end(), [&](const EventMatch& match) {
        return SlotOf(open, match).action() == slot.action() &&
               (match.kind == OutcomeKind::kRefunded) == is_refund;
      });
      if (same == matches.end()) {
        matches.push_back({.decision = i, .slot = slot.slot(), .kind = *kind});
      } else if (Precedence(slot) >= Precedence(SlotOf(open, *same))) {
        *same = {.decision = i, .slot = slot.slot(), .kind = *kind};
      }
    }
  }
  return matches;
}

OpenDecision* FindOpen(OpenDecisions& all, const base::DecisionId& decision) {
  const std::string id = decision.ToBytes();
  for (OpenDecision& open : *all.mutable_decisions()) {
    if (open.decision() == id) return &open;
  }
  return nullptr;
}

OpenSlot Outcomes(const OpenSlot& slot) {
  OpenSlot out;
  out.set_slot(slot.slot());
  out.set_action(slot.action());
  out.set_stage(slot.stage());
  out.set_probability(slot.probability());
  out.set_exposed_at(slot.exposed_at());
  out.set_clicked_at(slot.clicked_at());
  out.set_ended_at(slot.ended_at());
  out.set_refunded_at(slot.refunded_at());
  out.set_value_micros(slot.value_micros());
  out.set_currency(slot.currency());
  out.set_closed(slot.closed());
  return out;
}

void AddOpen(OpenDecisions& all, OpenDecision open) {
  BATUTA_CHECK(open.decision().size() == 18);
  auto& decisions = *all.mutable_decisions();
  int at = decisions.size();
  while (at > 0 && decisions[at - 1].decision() >= open.decision()) --at;
  if (at < decisions.size() && decisions[at].decision() == open.decision()) {
    decisions[at] = Join(decisions[at], open);
    return;
  }
  *decisions.Add() = std::move(open);
  for (int i = decisions.size() - 1; i > at; --i) decisions.SwapElements(i, i - 1);
}

void DropOver(OpenDecisions& all) {
  auto& decisions = *all.mutable_decisions();
  decisions.erase(std::remove_if(decisions.begin(), decisions.end(), IsOver), decisions.end());
}

OpenDecisions Merge(const OpenDecisions& a, const OpenDecisions& b) {
  OpenDecisions merged = a;
  for (const OpenDecision& open : b.decisions()) AddOpen(merged, open);
  return merged;
}

}  // namespace batuta::decision

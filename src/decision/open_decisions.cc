// The set of a person's open decisions: finding, matching with events, merging.
#include <algorithm>
#include <optional>
#include <string>
#include <tuple>

#include "base/status.h"
#include "decision/lifecycle.h"

namespace batuta::decision {
namespace {

bool IsOpenAt(const OpenSlot& slot, base::Time at) {
  if (slot.closed() || slot.replaced() || slot.stage() < policy::EXPOSED ||
      slot.stage() == policy::ACCEPTED) {
    return false;
  }
  const base::Time exposed{slot.exposed_at()};
  return exposed <= at && at <= exposed + base::Duration{slot.window()};
}

// What the event would be for the choice, if anything.
std::optional<OutcomeKind> OutcomeOf(const OpenSlot& slot, std::string_view event,
                                     CountsAs counts) {
  if (!slot.accept_event().empty() && slot.accept_event() == event &&
      counts(slot.action(), OutcomeKind::kAccepted)) {
    return OutcomeKind::kAccepted;
  }
  if (!slot.reject_event().empty() && slot.reject_event() == event &&
      slot.stage() != policy::REJECTED && counts(slot.action(), OutcomeKind::kRejected)) {
    return OutcomeKind::kRejected;
  }
  return std::nullopt;
}

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
    return std::tuple(static_cast<int>(s.stage()), s.closed(), s.ended_at(), s.exposed_at(),
                      s.clicked_at());
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
      if (!IsOpenAt(slot, event_time)) continue;
      const auto kind = OutcomeOf(slot, event, counts);
      if (!kind.has_value()) continue;
      auto same = std::find_if(matches.begin(), matches.end(), [&](const EventMatch& match) {
        return SlotOf(open, match).action() == slot.action();
      });
      if (same == matches.end()) {
        matches.push_back({.decision = i, .slot = slot.slot(), .kind = *kind});
      } else if (slot.exposed_at() >= SlotOf(open, *same).exposed_at()) {
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

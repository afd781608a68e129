// What holdouts are measured by: with each person who was met, and summed up for the partition.
//
// A sum changes by what one person was and is, so it is right after merges and erasures, too. Each
// version of a holdout has sums of its own. What is of a version that the partition has left behind
// counts nowhere; what is of one that it will come to, brought by a person from a partition that is
// ahead, does.
#include <algorithm>
#include <utility>

#include "base/status.h"
#include "decision/holdout_tally.h"
#include "engine/fold.h"

namespace batuta::engine {

bool Fold::IsPastHoldout(std::string_view name, uint64_t version) const {
  const resource::ResourceSet& resources = definitions_->resources;
  if (resources.Find("holdout", name) == nullptr) {
    return version <= resources.LastVersion("holdout", name);
  }
  return version < resources.LastVersion("holdout", name);
}

void Fold::Tally(const decision::HoldoutPerson& person, decision::TallyStep step) {
  if (IsPastHoldout(person.name(), person.version())) return;
  const std::string key = HoldoutKey{person.name(), person.version()}.ToBytes();
  auto tally = state_.GetRow<decision::HoldoutTally>(RowKind::kHoldout, key);
  BATUTA_CHECK(tally.has_value() || step == decision::TallyStep::kAdd);
  if (!tally.has_value()) tally.emplace();
  decision::Apply(person, step, *tally);
  state_.PutRow(RowKind::kHoldout, key, *tally);
}

// A decision is durable: those holdouts met the person, for the first time or again.
void Fold::MeetHoldouts(const DecisionMade& made, base::Time time, PersonRow& row) {
  if (made.met().empty()) return;
  decision::HoldoutPeople& all = *row.mutable_holdouts();
  const auto past = std::remove_if(all.begin(), all.end(), [&](const decision::HoldoutPerson& one) {
    return IsPastHoldout(one.name(), one.version());
  });
  all.erase(past, all.end());
  PersonBaggage met;
  for (const decision::HoldoutMeeting& meeting : made.met()) {
    *met.add_holdouts() = decision::MetBy(meeting, time);
  }
  MergeHoldouts(met, row);
}

void Fold::MergeHoldouts(const PersonBaggage& baggage, PersonRow& row) {
  decision::HoldoutPeople& all = *row.mutable_holdouts();
  for (const decision::HoldoutPerson& one : baggage.holdouts()) {
    if (IsPastHoldout(one.name(), one.version())) continue;
    const decision::HoldoutPerson* before = decision::FindMet(all, one.name(), one.version());
    if (before != nullptr) Tally(*before, decision::TallyStep::kTakeOff);
    decision::AddMet(all, one);
    Tally(*decision::FindMet(all, one.name(), one.version()), decision::TallyStep::kAdd);
  }
}

// The person goes: they count here no more.
void Fold::LeaveHoldouts(const PersonRow& row) {
  for (const decision::HoldoutPerson& one : row.holdouts()) {
    Tally(one, decision::TallyStep::kTakeOff);
  }
}

// What was reported of an action that no event accepts.
void Fold::AcceptByReport(const decision::OpenDecision& open, const decision::Outcome& outcome,
                          PersonRow& row) {
  if (row.holdouts().empty()) return;
  for (const decision::OpenSlot& slot : open.slots()) {
    if (slot.slot() != outcome.slot) continue;
    const decision::Action* action = definitions_->catalogue->FindAction(slot.action());
    if (action == nullptr || !action->accept_event.empty()) continue;
    CountAcceptance(
        {.offers = {action}, .stated = outcome.value, .at = log_time(), .is_reported = true}, row);
  }
}

void Fold::CountAcceptance(const decision::Acceptance& acceptance, PersonRow& row) {
  const decision::Catalogue& catalogue = *definitions_->catalogue;
  for (decision::HoldoutPerson& one : *row.mutable_holdouts()) {
    for (const decision::Holdout& holdout : catalogue.holdouts()) {
      if (holdout.name != one.name() || holdout.version != one.version()) continue;
      const decision::HoldoutPerson before = one;
      if (!decision::Count(acceptance, holdout, catalogue.currency(), one)) continue;
      Tally(before, decision::TallyStep::kTakeOff);
      Tally(one, decision::TallyStep::kAdd);
    }
  }
}

// What is of former definitions is forgotten; with people, when a holdout meets them next.
void Fold::DropHoldouts() {
  for (const std::string& bytes : state_.KeysOf(RowKind::kHoldout)) {
    const HoldoutKey key = HoldoutKey::FromBytes(bytes);
    if (IsPastHoldout(key.name, key.version)) state_.EraseRow(RowKind::kHoldout, bytes);
  }
}

}  // namespace batuta::engine

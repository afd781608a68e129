// Holdouts: what partitions sum up is what the people who are there add up to.
#include <map>
#include <string>

#include "base/text.h"
#include "decision/holdout_tally.h"
#include "simulation/failure.h"
#include "simulation/invariants.h"

namespace batuta::simulation {
namespace {

using decision::HoldoutArmSums;
using decision::HoldoutPerson;
using decision::HoldoutTally;
using engine::HoldoutKey;
using engine::RowKind;

// Counted by hand, beside the code that keeps the sums.
struct Arm {
  uint64_t people = 0;
  uint64_t decisions = 0;
  uint64_t acceptors = 0;
  absl::int128 acceptances = 0;
  absl::int128 worth = 0;
  absl::uint128 squares = 0;  // of worth
  uint64_t reports = 0;
  absl::int128 reported = 0;
  friend bool operator==(const Arm&, const Arm&) = default;
};
struct Both {
  Arm held;
  Arm treated;
  uint64_t contaminated = 0;
  friend bool operator==(const Both&, const Both&) = default;
};

void Count(const HoldoutPerson& person, Both& both) {
  if (person.contaminated()) {
    ++both.contaminated;
    return;
  }
  Arm& arm = person.held() ? both.held : both.treated;
  ++arm.people;
  arm.decisions += person.decisions();
  arm.acceptors += person.acceptances() > 0 ? 1u : 0u;
  arm.acceptances += person.acceptances();
  arm.worth += person.worth();
  arm.squares += absl::uint128(absl::int128(person.worth()) * person.worth());
  arm.reports += person.reports();
  arm.reported += person.reported();
}

Arm ArmOf(const HoldoutArmSums& sums) {
  return {.people = sums.people(),
          .decisions = sums.decisions(),
          .acceptors = sums.acceptors(),
          .acceptances = decision::SumOf(sums.acceptances()),
          .worth = decision::SumOf(sums.worth()),
          .squares = decision::SquaresOf(sums.worth()),
          .reports = sums.reports(),
          .reported = decision::SumOf(sums.reported())};
}

}  // namespace

void Invariants::CheckHoldouts() const {
  std::map<std::string, Both> counted;
  ForEachPerson([&](const base::PersonId& id, const engine::PersonRow& row) {
    const bool is_gone = row.identity().has_merged_into() || row.identity().erased();
    Require(!is_gone || row.holdouts().empty(),
            base::StrCat(id.ToString(), " is gone and counts in a holdout"));
    for (const HoldoutPerson& one : row.holdouts()) {
      Require(one.decisions() > 0, "a holdout met somebody in no decision");
      Count(one, counted[HoldoutKey{one.name(), one.version()}.ToBytes()]);
    }
  });
  for (const decision::Holdout& holdout :
       folds_(base::PartitionId{0}).definitions().catalogue->holdouts()) {
    const std::string key = HoldoutKey{holdout.name, holdout.version}.ToBytes();
    HoldoutTally all;
    for (uint16_t p = 0; p < partitions_; ++p) {
      const auto tally =
          folds_(base::PartitionId{p}).state().GetRow<HoldoutTally>(RowKind::kHoldout, key);
      if (tally.has_value()) decision::Add(*tally, all);
    }
    const Both summed = {.held = ArmOf(all.held()),
                         .treated = ArmOf(all.treated()),
                         .contaminated = all.contaminated()};
    Require(summed == counted[key],
            base::StrCat("the holdout ", holdout.name, " sums up other people than there are"));
  }
}

}  // namespace batuta::simulation

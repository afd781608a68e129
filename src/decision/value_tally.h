// What a placement has for people, counted over dry runs: who could get something strong, who only
// something weak, who nothing; at which stage the last of their actions fell out, and why.
//
// It goes by what took part in the choice and not by what was drawn, so exploration does not blur
// it. A candidate is strong if its propensity is at least, and its net value above, what the
// threshold says; "nothing" is worth 0, so by default all are strong that are worth more than doing
// nothing. An action is as good as its best candidate, and falls out where its last candidate does.
// To people with only weak actions the stages `propensity` and `arbitration` are two more at which
// actions fall. Values; not thread-safe.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "decision/decision.pb.h"

namespace batuta::decision {

enum class Served : uint8_t { kNothing, kWeak, kStrong };
inline constexpr size_t kServedCount = 3;

// Below it, an action is weak.
struct ValueThreshold {
  double propensity = 0;  // it takes at least this, in [0, 1]
  double net_value = 0;   // and more than this, in units of the hub's currency
};

// Why an action fell out, as far as people share it.
struct Fall {
  Stage stage = STAGE_UNSPECIFIED;
  Reason reason = ADMISSIBLE;  // stays that of what is weak
  Level level = ACTION_LEVEL;  // of dates and rules
  std::string name = {};       // of the action, group or issue, the policy, purpose or subject
  friend auto operator<=>(const Fall&, const Fall&) = default;
};

// Of a candidate that fell out.
Fall FallOf(const CandidateTrace& candidate);

// One person. For those who are served well only `served` is set.
struct PersonValue {
  Served served = Served::kNothing;
  Stage emptied = STAGE_UNSPECIFIED;  // where the last fell out; unspecified: there were no actions
  uint32_t fall = 0;  // what took most actions there, as ValueTally::falls has them; of equal ones
                      // the least
};

// Of people who get nothing or only something weak.
struct FallCount {
  uint64_t people = 0;   // who lost an action by it
  uint64_t emptied = 0;  // who did so at the stage that emptied them
  uint64_t actions = 0;  // over all these people
};
struct StageCount {
  std::array<uint64_t, kServedCount> emptied = {};  // people, by how they are served
  uint64_t actions = 0;                             // that fell out at it
};
// Of everybody.
struct ActionCount {
  uint64_t possible = 0;                        // people for whom it took part in the choice
  uint64_t strong = 0;                          // people for whom it is strong
  uint64_t chosen = 0;                          // people for whom it was drawn, in some slot
  std::array<uint64_t, ALLOWED + 1> fell = {};  // people for whom it fell out, by stage
};

inline constexpr size_t kStageCount = CHOICE + 1;

class ValueTally {
 public:
  ValueTally() = default;
  explicit ValueTally(const ValueThreshold& threshold) : threshold_(threshold) {}

  // Requires: the decision has its trace.
  PersonValue Add(const Decision& made);
  // Adds what another counted by the same threshold. Gives the indices here of its falls.
  std::vector<uint32_t> Merge(const ValueTally& other);

  uint64_t people() const;
  uint64_t CountOf(Served served) const { return served_[static_cast<size_t>(served)]; }
  const std::array<StageCount, kStageCount>& stages() const { return stages_; }
  // In the order in which they were met; parallel to fall_counts().
  const std::vector<Fall>& falls() const { return falls_; }
  const std::vector<FallCount>& fall_counts() const { return fall_counts_; }
  const std::map<std::string, ActionCount, std::less<>>& actions() const { return actions_; }

 private:
  struct Candidates;
  uint32_t IndexOf(const Fall& fall);
  bool IsStrong(const CandidateTrace& candidate) const;
  Fall FurthestFall(const Candidates& of_action) const;
  PersonValue CountFalls(Served served, const std::vector<Fall>& falls);

  ValueThreshold threshold_;
  std::array<uint64_t, kServedCount> served_ = {};
  std::array<StageCount, kStageCount> stages_ = {};
  std::vector<Fall> falls_;
  std::vector<FallCount> fall_counts_;
  std::map<Fall, uint32_t> fall_indices_;
  std::map<std::string, ActionCount, std::less<>> actions_;
};

}  // namespace batuta::decision

#include "decision/value_tally.h"

#include <algorithm>
#include <numeric>

#include "absl/types/span.h"
#include "base/status.h"

namespace batuta::decision {
namespace {

double PropensityOf(const CandidateTrace& candidate) {
  const double evidence = candidate.alpha() + candidate.beta();
  return evidence > 0 ? candidate.alpha() / evidence : 0;
}

// What the reason is about, which people have in common.
std::string NameOf(const CandidateTrace& candidate) {
  const Operands& operands = candidate.operands();
  switch (candidate.reason()) {
    case NOT_STARTED:
    case ENDED:
    case RULE_FALSE:
    case RULE_UNKNOWN:
    case RULE_FAILED:
      return operands.level() == ACTION_LEVEL ? candidate.action() : operands.level_name();
    case CONSENT_DENIED:
    case CONSENT_MISSING:
      return operands.purpose();
    case UNWANTED:
    case PAUSED:
      return operands.subject();
    default:
      return operands.policy();
  }
}

}  // namespace

Fall FallOf(const CandidateTrace& candidate) {
  const bool has_level = candidate.stage() < ALLOWED;
  return {.stage = candidate.stage(),
          .reason = candidate.reason(),
          .level = has_level ? candidate.operands().level() : ACTION_LEVEL,
          .name = NameOf(candidate)};
}

// The candidates of one action, which stand together.
struct ValueTally::Candidates {
  absl::Span<const CandidateTrace* const> all;
  bool is_possible = false;
  bool is_strong = false;
};

bool ValueTally::IsStrong(const CandidateTrace& candidate) const {
  return PropensityOf(candidate) >= threshold_.propensity &&
         candidate.net_value() > threshold_.net_value;
}

// Of an action that is not strong: where the candidate fell out that came furthest.
Fall ValueTally::FurthestFall(const Candidates& of_action) const {
  if (of_action.is_possible) {
    const bool is_likely = std::any_of(of_action.all.begin(), of_action.all.end(),
                                       [this](const CandidateTrace* candidate) {
                                         return candidate->reason() == ADMISSIBLE &&
                                                PropensityOf(*candidate) >= threshold_.propensity;
                                       });
    return {.stage = is_likely ? ARBITRATION : PROPENSITY};
  }
  const CandidateTrace* furthest = *std::max_element(
      of_action.all.begin(), of_action.all.end(),
      [](const CandidateTrace* a, const CandidateTrace* b) { return a->stage() < b->stage(); });
  return FallOf(*furthest);
}

PersonValue ValueTally::Add(const Decision& made) {
  const auto& candidates = made.trace().candidates();
  Served served = Served::kNothing;
  std::vector<Fall> falls;
  for (int begin = 0; begin < candidates.size();) {
    const std::string& action = candidates[begin].action();
    int end = begin;
    Candidates of_action;
    for (; end < candidates.size() && candidates[end].action() == action; ++end) {
      if (candidates[end].reason() != ADMISSIBLE) continue;
      of_action.is_possible = true;
      of_action.is_strong |= IsStrong(candidates[end]);
    }
    of_action.all =
        absl::MakeConstSpan(candidates.data() + begin, static_cast<size_t>(end - begin));
    ActionCount& count = actions_[action];
    if (of_action.is_possible) ++count.possible;
    if (of_action.is_strong) {
      ++count.strong;
      served = Served::kStrong;
    } else {
      const Fall& fall = falls.emplace_back(FurthestFall(of_action));
      if (of_action.is_possible) {
        served = std::max(served, Served::kWeak);
      } else {
        BATUTA_CHECK(fall.stage <= ALLOWED);
        ++count.fell[static_cast<size_t>(fall.stage)];
      }
    }
    begin = end;
  }
  for (const Chosen& chosen : made.chosen()) {
    if (!chosen.nothing()) ++actions_[chosen.action()].chosen;
  }
  ++served_[static_cast<size_t>(served)];
  if (served == Served::kStrong) return {.served = served};
  return CountFalls(served, falls);
}

PersonValue ValueTally::CountFalls(Served served, const std::vector<Fall>& falls) {
  std::map<Fall, uint64_t> counts;
  for (const Fall& fall : falls) {
    ++counts[fall];
    ++stages_[static_cast<size_t>(fall.stage)].actions;
  }
  PersonValue value{.served = served};
  uint64_t most = 0;
  for (const auto& [fall, actions] : counts) {
    const uint32_t index = IndexOf(fall);
    ++fall_counts_[index].people;
    fall_counts_[index].actions += actions;
    // By stage first, ascending.
    if (fall.stage == value.emptied && actions <= most) continue;
    value.emptied = fall.stage;
    value.fall = index;
    most = actions;
  }
  ++stages_[static_cast<size_t>(value.emptied)].emptied[static_cast<size_t>(served)];
  for (const auto& [fall, actions] : counts) {
    if (fall.stage == value.emptied) ++fall_counts_[IndexOf(fall)].emptied;
  }
  return value;
}

uint32_t ValueTally::IndexOf(const Fall& fall) {
  const auto [found, is_new] =
      fall_indices_.emplace(fall, static_cast<uint32_t>(fall_indices_.size()));
  if (is_new) {
    falls_.push_back(fall);
    fall_counts_.emplace_back();
  }
  return found->second;
}

std::vector<uint32_t> ValueTally::Merge(const ValueTally& other) {
  for (size_t i = 0; i < kServedCount; ++i) served_[i] += other.served_[i];
  for (size_t i = 0; i < kStageCount; ++i) {
    stages_[i].actions += other.stages_[i].actions;
    for (size_t served = 0; served < kServedCount; ++served) {
      stages_[i].emptied[served] += other.stages_[i].emptied[served];
    }
  }
  for (const auto& [action, count] : other.actions_) {
    ActionCount& sum = actions_[action];
    sum.possible += count.possible;
    sum.strong += count.strong;
    sum.chosen += count.chosen;
    for (size_t i = 0; i < sum.fell.size(); ++i) sum.fell[i] += count.fell[i];
  }
  std::vector<uint32_t> indices;
  for (size_t i = 0; i < other.falls_.size(); ++i) {
    indices.push_back(IndexOf(other.falls_[i]));
    FallCount& sum = fall_counts_[indices.back()];
    sum.people += other.fall_counts_[i].people;
    sum.emptied += other.fall_counts_[i].emptied;
    sum.actions += other.fall_counts_[i].actions;
  }
  return indices;
}

uint64_t ValueTally::people() const {
  return std::accumulate(served_.begin(), served_.end(), uint64_t{0});
}

}  // namespace batuta::decision

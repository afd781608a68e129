// From net values to probabilities, and from probabilities to one choice.
//
// The probability mass function over the admissible options and "nothing" comes first; then one
// draw is made from it, so the logged probability is exact by construction.
//
// - SquareCB (Foster and Rakhlin, "Beyond UCB: Optimal and efficient contextual bandits with
//   regression oracles", ICML 2020): with values scaled to [0, 1] and K options, every option but
//   the best has 1 / (K + gamma * (best - value)), the best the rest. gamma = scale * t^exponent,
//   as in Vowpal Wabbit, with t the number of training examples of the placement.
// - Thompson: how often each option is best in a stated number of posterior draws.
// - Greedy: the best; exact ties share.
//
// A floor is mixed in: of K options that may be explored, each has at least floor / K.
//
// Options that must not be explored (`explore: never`) take part only if one of them is strictly
// better than "nothing" and than all that may be explored; then the best of them takes part as the
// greedy best, and the others not at all. So no exploration ever goes to them.
//
// If any option is mandatory, the best of them has probability 1.
//
// Under the arm of a holdout that is another policy, transactional options keep their probability.
// What is left of the mass a random arm spreads evenly over what may be explored and "nothing". The
// others share it out by the same method, with what options count for under the arm: by the
// probability of acceptance alone, where being mandatory does not count; or as if levers were 1.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "base/ids.h"
#include "decision/decision.pb.h"
#include "learn/models.h"

namespace batuta::decision {

// What an option counts for under an arm; "nothing" counts 0.
struct Worth {
  double net_value = 0;
  double gross = 0;
  double cost = 0;
};

// An admissible candidate as the choice sees it. Options stand in the order of their names.
struct Option {
  std::string_view name = {};  // "action/treatment/variant"; names its draws; not owned
  double net_value = 0;   // in units of the currency; "nothing" has 0
  bool explore_never = false;
  bool mandatory = false;
  bool transactional = false;
  // For posterior draws: net value = probability * gross - cost.
  learn::Belief belief = {};
  double gross = 0;
  double cost = 0;
  Worth under_arm = {};  // of a propensity arm or one without levers
};

// Names the draws of one slot.
struct DrawKey {
  uint64_t seed = 0;
  base::Id128 request = {};
  uint32_t slot = 0;
};

// SquareCB over values of any scale; `best` gets the rest. Requires: `best` is a largest one.
std::vector<double> SquareCb(absl::Span<const double> values, size_t best, double gamma);

double Gamma(const Exploration& exploration);

// How often each option, or "nothing" (last), has the largest net value in `draws` posterior draws.
// Only the twenty options with the largest net values are drawn for.
std::vector<double> ThompsonFrequencies(absl::Span<const Option> options, uint32_t draws,
                                        const DrawKey& key);

// The probability of each option, then of "nothing".
// Invariant: they sum to 1 within 1e-12; off-policy evaluation divides by them.
std::vector<double> Distribution(absl::Span<const Option> options, const Exploration& exploration,
                                 HoldoutArm arm, const DrawKey& key);

// One draw. Each option has an exponential clock of rate p, driven by a uniform number that belongs
// to its name; the first to ring is chosen. So the probabilities are exact, and removing an option
// leaves the others' draws alone. `purpose` keeps apart what is drawn for.
// Returns the index; options.size() is "nothing".
size_t Draw(absl::Span<const Option> options, absl::Span<const double> probabilities,
            const DrawKey& key, std::string_view purpose);

}  // namespace batuta::decision

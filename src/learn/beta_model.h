// The Beta-Bernoulli models of one action: counting examples and publishing what they say.
//
// Counts are whole numbers per week of the example, so the order in which examples arrive has no
// part in them, and taking an example away leaves the bytes that there would be without it.
// Forgetting happens when a version is published: a count `a` old weighs 2^(-a / half-life), by
// whole weeks.
//
// Cold start: a placement's prior is worth up to 50 examples at the rate of the action's other
// placements (algorithms: hierarchical prior, n0 = 50 pseudo-counts), never more than those have;
// and an action without any examples starts from Beta(1, 19), one acceptance in twenty.
//
// What people do by themselves (NATURAL_LEVEL) starts from twenty examples without an acceptance:
// as long as little is known, little is taken to come by itself.
//
// Positives may say what they were worth; their sum is kept beside the counts, and forgotten with
// them.
//
// Pure; a ModelState is owned by one partition.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "base/time.h"
#include "learn/model.pb.h"

namespace batuta::learn {

struct ModelSettings {
  double root_alpha = 1;
  double root_beta = 19;
  double natural_beta = 20;                    // beside no acceptances
  double parent_strength = 50;                 // the most examples that a parent's rate is worth
  base::Duration half_life = base::Days(180);  // zero: nothing is forgotten
};

// Which partition owns the models of an action: this, modulo their number.
uint64_t OwnerHash(std::string_view action);

// Teaches, corrects or takes away one example. Requires: message.action() == state.action(), a
// positive weight and a level; a worth only of whole examples.
void Train(ModelState& state, const TrainingMessage& message, const ModelSettings& settings);

// The sum of what two states were taught. Commutative and associative.
ModelState Merge(const ModelState& a, const ModelState& b);

// The action's models at log time `now`: one per placement with examples, and one for all others,
// with placement "".
struct PublishOptions {
  ModelSettings settings = {};
  base::Time now = {};
};
std::vector<PublishedModel> Publish(const ModelState& state, const PublishOptions& options);

// Drops counts that weigh less than a 256th at `now`: they no longer matter and need not be kept.
void Forget(ModelState& state, const ModelSettings& settings, base::Time now);

}  // namespace batuta::learn

// An adaptive model being taught: for one action at one placement, or for all that share it there,
// how often each value of each predictor was followed by an acceptance.
//
// Only counts are kept, per predictor and micro-bin. A micro-bin is a set of codes
// (predictor_code.h): a single one while a predictor has few different values. Numbers with more
// than 256 of them settle to ranges that hold about a hundredth of the examples each, and end at
// powers of two at the latest; of more than 200 symbols the most frequent stay, the others are
// counted together. From then on micro-bins stay. Counts are whole numbers (era_counts.h), so the
// order of examples has no part in them, and taking an example away leaves the bytes that there
// would be without it, but for the number of messages that were ever taken.
//
// Some examples, picked by the hash of their name, are kept with all their values: they show which
// predictors say the same. How many are picked only ever falls, so that at most 1024 are kept.
//
// adaptive_publish.h makes of it what scoring reads. Pure; a state is owned by one partition.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "base/time.h"
#include "learn/adaptive.pb.h"
#include "learn/era_counts.h"
#include "learn/model.pb.h"

namespace batuta::learn {

// The action whose instance of its model the message teaches; "" for the one that all share.
std::string_view InstanceOf(const TrainingMessage& message);

// Teaches, corrects or takes away one example. Requires: the message is about this model, instance
// and placement, has values, and a weight of at most a thousand examples.
void TrainAdaptive(AdaptiveState& state, const TrainingMessage& message);

// How the state's examples are weighed.
EraClock ClockOf(const AdaptiveState& state);

// Finds out whether what was counted still holds (drift.h), drops what weighs nothing any more and
// predictors that are not `declared`, and settles the micro-bins of those with too many values.
// Before publishing.
void Settle(AdaptiveState& state, absl::Span<const std::string> declared, base::Time now);

// Scores and predictions are counted in steps. Standardised scores: a sixteenth, to six either way.
int32_t ScoreStep(double standardised);
double StepsOf(double standardised);  // not rounded to a step
double StandardisedOf(double steps);
// Predictions: a 32nd of a power of two.
int32_t PredictionStep(double probability);
double ProbabilityOfStep(int32_t step);

}  // namespace batuta::learn

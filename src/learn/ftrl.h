// A logistic regression that learns example by example: FTRL-Proximal with learning rates per
// coordinate (McMahan et al., "Ad click prediction: a view from the trenches", KDD 2013, algorithm
// 1), the alternative of the adaptive model for predictors that matter together.
//
// Per feature (ftrl_features.h) there are two sums, z and n, and no weight is kept:
//     w = 0 if |z| <= l1, else (sign(z) l1 - z) / ((beta + sqrt(n)) / alpha + l2)
// An example with label y that was predicted as p has the gradient g = (p - y) x, and
//     s = (sqrt(n + g^2) - sqrt(n)) / alpha,  z += g - s w,  n += g^2.
//
// The state is an AdaptiveState with `linear`: what an adaptive model counts (adaptive_model.h) is
// counted here, too, and serves reports, names of symbols and progressive performance. Its scores
// are log odds.
//
// Bounded: at most 4096 features; beyond that those with the least n are dropped. Ranges of numbers
// settle once, when 200 examples are in the sample: at most sixteen that as many fall into each.
// With every week the evidence loses its part of the half-life: n fades as examples do, and z as
// its root, so that weights stay and learn faster again.
//
// Unlike counts, weights depend on the order of examples. An example that changes its label is
// taught the difference of the two gradients; one that is taken away is taught its gradient
// backwards, which leaves nearly the weights there would be without it, and not quite.
//
// Pure; a state is owned by one partition.
#pragma once

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "base/time.h"
#include "learn/adaptive.pb.h"
#include "learn/ftrl_features.h"
#include "learn/model.pb.h"

namespace batuta::learn {

struct FtrlSettings {
  double alpha = 0.05;  // how fast it learns
  double beta = 1;
  double l1 = 0;  // weights of less evidence than this are 0
  double l2 = 1;
  std::vector<Cross> crosses = {};
};

inline constexpr int kTermsMax = 4096;

// The weight of the term. Requires: alpha > 0, beta > 0.
double WeightOf(const LinearTerm& term, const FtrlSettings& settings);

// Teaches one example. Requires: as TrainAdaptive().
void TrainFtrl(AdaptiveState& state, const TrainingMessage& message, const FtrlSettings& settings);

// Settle() of adaptive_model.h; and lets weights forget, settles ranges, and drops the terms of
// predictors that are not `declared` and of crosses that are not in the settings.
void SettleFtrl(AdaptiveState& state, absl::Span<const std::string> declared,
                const FtrlSettings& settings, base::Time now);

// PublishAdaptive(), with the regression that scores. Requires: SettleFtrl() with the same
// arguments.
PublishedAdaptive PublishFtrl(const AdaptiveState& state, absl::Span<const std::string> declared,
                              const FtrlSettings& settings, base::Time now);

}  // namespace batuta::learn

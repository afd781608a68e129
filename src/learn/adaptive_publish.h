// From what an adaptive model counted to what scoring reads: bins, which predictors are active, and
// how scores become probabilities.
//
// A predictor is active if its AUC is above 0.52 and no better one says the same: by AUC, each
// joins the group of a better one whose contributions go with its own by more than 0.8 (Pearson,
// over the sampled examples), or begins one.
//
// What the active ones say in common is not counted several times: what they contribute is fitted
// beside each other (additive_fit.h).
//
// The sum of the base log odds and the contributions of the active predictors is
// standardised by the mean and spread that it would have were predictors independent, so that
// scores of versions with other active predictors can be set side by side. What such scores were
// followed by, counted as they were given and before they were learned from, is made to rise by
// isotonic regression, in bins of at least 1 % of the responses, each drawn by a hundred responses
// towards what the score alone predicts. The rate of a bin holds at its centre; between two centres
// the log odds rise from one to the other, and beyond the last they go on as the score does.
//
// Pure.
#pragma once

#include <string>

#include "absl/types/span.h"
#include "base/time.h"
#include "learn/adaptive.pb.h"

namespace batuta::learn {

inline constexpr double kLeastAuc = 0.52;
inline constexpr double kSameAbove = 0.8;
// A model with this many positives is mature: what it says of a bin hardly changes any more. From
// far fewer on it is believed alone, without the Beta model: contributions and probabilities are
// drawn towards none by themselves while there is little evidence, and tell people apart long
// before they are exact (tests/learning/truth_test.cc).
inline constexpr double kMaturePositives = 200;
inline constexpr double kTrustedPositives = 5;

// The version of the model at log time `now`, with the declared predictors in their order.
// Requires: Settle() with the same arguments.
PublishedAdaptive PublishAdaptive(const AdaptiveState& state,
                                  absl::Span<const std::string> declared, base::Time now);

// Whether enough was taught since the last version for another one: 20 messages, and 2 % of all.
bool IsWorthPublishing(const AdaptiveState& state);

}  // namespace batuta::learn

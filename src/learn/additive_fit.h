// Log odds that add up, out of counts: what each bin of each predictor contributes once what the
// others say of the same examples is accounted for.
//
// Decisions show an action to those who probably like it, so among its examples predictors go
// together that are independent among people, and naive Bayes takes the effect of one for that of
// another. The likelihood of an additive logistic regression knows the labels only by how many
// positives each bin has, and those are counted. Of the values it needs which ones occur together,
// and that is what the sampled examples show. So it can be fitted without keeping labels: the
// effect of a bin is moved until the mean prediction over the sampled examples in it is the rate
// that was counted for the bin (in the manner of Darroch and Ratcliff, "Generalized iterative
// scaling for log-linear models", 1972, by Newton's steps).
//
// Effects are drawn towards 0, the more the fewer responses or sampled examples the bin has: what
// is known of it, as a normal distribution around 0 with a variance of 1 would have it.
//
// Pure; the same input gives the same bytes.
#pragma once

#include <vector>

#include "absl/types/span.h"
#include "learn/bin_statistics.h"

namespace batuta::learn {

// One predictor.
struct FitColumn {
  std::vector<Bin> bins = {};
  std::vector<int> sampled = {};     // the bin of each sampled example; -1: one that tells nothing
  std::vector<double> effects = {};  // of each bin: where to begin, then the result
};

// Fits the effects and returns the log odds to which they are added. A bin without sampled examples
// keeps the effect it has. Requires: all columns have the same number of sampled examples.
double FitAdditive(absl::Span<FitColumn> columns, const Bin& all);

}  // namespace batuta::learn

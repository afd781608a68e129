// Weights for the contributions of predictors that overlap, so that what several of them say is
// not counted several times.
//
// Naive Bayes adds contributions up as if predictors were independent. Linear discriminant analysis
// (Fisher, "The use of multiple measurements in taxonomic problems", 1936) weighs them by
// C^-1 d, with C their covariance and d how far apart their means are for positives and negatives.
// A log odds alone has a weight of about 1; the correlations, taken from few examples, are drawn
// towards none.
//
// Pure.
#pragma once

#include <vector>

#include "absl/types/span.h"

namespace batuta::learn {

// Pearson's correlation of two columns of the same length; 0 if one of them does not vary.
double Correlation(absl::Span<const double> a, absl::Span<const double> b);

// One column of contributions.
struct Contributor {
  std::vector<double> sampled = {};  // to the sampled examples; the same ones in all columns
  double variance = 0;               // over all examples
  double distance = 0;               // mean over positives less mean over negatives
};

// The weight of each, from 0 to 1.5; all 1 with fewer than 50 sampled examples.
std::vector<double> Decorrelate(absl::Span<const Contributor> contributors);

}  // namespace batuta::learn

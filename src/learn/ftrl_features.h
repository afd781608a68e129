// What a logistic regression reads in a person's values: a short list of features, each with a
// number, of the millions there might be.
//
// A symbol is a feature of its own, worth 1, and so is a missing value. A number is two: the number
// itself, in standard deviations from its mean, at most four either way; and, once ranges have
// settled, the range it is in, so that what does not rise steadily can be learned, too. A cross is
// two predictors together: a feature for each pair of values (symbol, missing or range).
//
// Features are named by a slot: a hash of 22 bits (Weinberger et al., "Feature hashing for large
// scale multitask learning", ICML 2009). Two that share a slot share a weight.
//
// Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "learn/adaptive.pb.h"

namespace batuta::learn {

inline constexpr int kSlotBits = 22;
// The code of a number as such, beside those of ranges; no symbol has it.
inline constexpr uint64_t kSlopeCode = 2;

// What a feature is the feature of.
struct FeatureName {
  uint32_t key = 0;  // of the predictor; 0 for the intercept
  uint64_t code = 0;
  uint32_t cross_key = 0;  // 0: no cross
  uint64_t cross_code = 0;
};
uint32_t SlotOf(const FeatureName& name);

struct Feature {
  uint32_t slot = 0;
  double value = 0;
  FeatureName name = {};
  int place = -1;        // of the predictor in the values; -1 for the intercept
  int cross_place = -1;  // of the other one
};

// How the numbers of a predictor lie.
struct NumberScale {
  uint32_t key = 0;
  double mean = 0;
  double spread = 0;                      // 0: numbers do not differ, or there are none
  absl::Span<const int32_t> bounds = {};  // orders of codes (predictor_code.h); may be empty
};

// Two predictors whose values count together, by their keys.
struct Cross {
  uint32_t key = 0;
  uint32_t cross_key = 0;
  friend bool operator==(const Cross&, const Cross&) = default;
};

// The intercept first. Crosses of which the values lack a predictor are left out, and so are those
// of numbers without ranges. Scales need no order.
std::vector<Feature> FeaturesOf(const PredictorValues& values, absl::Span<const NumberScale> scales,
                                absl::Span<const Cross> crosses);

}  // namespace batuta::learn

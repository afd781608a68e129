// How many different hashes there were, to about 1.6 %, in at most 4 kB.
//
// HyperLogLog with 2^12 registers: Flajolet, Fusy, Gandouet and Meunier (AofA 2007), read by the
// improved estimator of Ertl, "New cardinality estimation algorithms for HyperLogLog sketches"
// (2017), which needs no correction tables. Few used registers are kept as a list. One form for
// each set of hashes; taking one twice changes nothing.
#pragma once

#include <cstdint>

#include "feature/feature.pb.h"

namespace batuta::feature {

inline constexpr int kSketchBits = 12;
inline constexpr double kSketchError = 0.01625;  // 1.04 / sqrt(2^12): one standard deviation

void TakeHash(uint64_t hash, FeatureState& state);
void MergeSketch(const FeatureState& from, FeatureState& into);
// To a whole number.
double EstimateDistinct(const FeatureState& state);

}  // namespace batuta::feature

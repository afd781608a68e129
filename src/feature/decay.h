// Sums in which what happened counts half as much after each half-life.
//
// Time is cut into steps of 1/32 half-life from 1970 on, and an age is counted in whole steps
// between that of the event and that of now. So the sum changes at known instants only, which
// timers can keep, and its weights are 32 constants times powers of two: the sum of what happened
// within one half-life (an octave) is exact, whatever the order. Forward decay: Cormode,
// Shkapenyuk, Srivastava and Xu, "Forward decay: a practical time decay model for streaming
// systems" (ICDE 2009).
//
// Error: each weight is within a factor of 2^(1/32) of 2^-(age / half-life). What is more than 63
// half-lives older than the newest is forgotten: less than 2^-62 of its value.
#pragma once

#include <cstdint>

#include "base/time.h"
#include "feature/feature.pb.h"

namespace batuta::feature {

inline constexpr int kStepsPerHalfLife = 32;
inline constexpr int kHalfLivesKept = 64;
inline constexpr double kDecayError = 0.022;  // 2^(1/32) - 1, rounded up

inline base::Duration StepOf(base::Duration half_life) {
  const int64_t step = half_life.micros / kStepsPerHalfLife;
  return {step > 0 ? step : 1};
}

// Requires: finite. A number that is beyond the range of doubles when weighted is left out.
void TakeDecaying(int64_t time, double number, base::Duration half_life, FeatureState& state);
void MergeDecay(const FeatureState& from, FeatureState& into);

double Decayed(const FeatureState& state, base::Time now, base::Duration half_life);

// The first instant after now at which the sum is another, unless it is 0.
int64_t NextStep(base::Time now, base::Duration half_life);

}  // namespace batuta::feature

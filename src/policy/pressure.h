// The pressure that contacts put on a person: the sum of their weights, each halved with every
// half-life that has passed since.
//
// All in whole numbers, so that it is the same on every machine: a weight is in millionths of a
// contact; what is left of it after a time is rounded up to a millionth. After kHalfLivesCounted
// half-lives nothing is left. Pure; no threads.
#pragma once

#include <cstdint>

#include "absl/types/span.h"
#include "base/time.h"

namespace batuta::policy {

inline constexpr int64_t kOneContact = 1'000'000;
inline constexpr int64_t kHalfLivesCounted = 16;

// What is left of a weight. Never more for a greater age; all of it for an age of zero or less.
// Requires: a weight from 0 to 10^12, a positive half-life.
int64_t WeightLeft(int64_t weight, base::Duration age, base::Duration half_life);

struct WeightedContact {
  base::Time at;
  int64_t weight = kOneContact;
};

// The sum of what is left at `now`.
int64_t PressureAt(absl::Span<const WeightedContact> contacts, base::Time now,
                   base::Duration half_life);

// The first time from `now` on at which the pressure is at most `limit`; kDistantFuture if the
// limit is negative.
base::Time PressureFallsTo(int64_t limit, absl::Span<const WeightedContact> contacts,
                           base::Time now, base::Duration half_life);

}  // namespace batuta::policy

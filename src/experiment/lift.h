// How much two groups of people differ: the difference and the ratio of their means, with 95 %
// intervals.
//
//   difference  of means, by Welch's t interval: B. L. Welch, "The generalization of 'Student's'
//               problem when several different population variances are involved", Biometrika 34
//               (1947); degrees of freedom by F. E. Satterthwaite, Biometrics Bulletin 2 (1946)
//   ratio       of means, by the delta method, as for a percent change: A. Deng, U. Knoblich and
//               J. Lu, "Applying the Delta Method in Metric Analytics", KDD 2018
//
// Both hold of independent people, and of many: from some dozens each, hundreds where a few have
// most of it. They are of one look. Who looks every day until an interval leaves zero out will see
// one that does more often than in 5 of 100 cases.
//
// Pure; the same sums give the same bits everywhere. Any thread.
#pragma once

#include <cstdint>
#include <optional>

#include "absl/numeric/int128.h"

namespace batuta::experiment {

// A whole number of each person, summed over people. Exact.
struct Sample {
  uint64_t people = 0;
  absl::int128 sum = 0;
  absl::uint128 squares = 0;  // the sum of the squares
};

struct Moments {
  double mean = 0;      // 0 of nobody
  double variance = 0;  // of people, with n - 1; 0 of fewer than two
};
// `unit` is what 1 in the sample stands for: 1e-6 where it counts millionths. Positive.
Moments MomentsOf(const Sample& sample, double unit);

struct Interval {
  double low = 0;
  double high = 0;
};

struct Estimate {
  double value = 0;
  std::optional<Interval> interval = {};  // none where the sample says nothing of its error
};

enum class Verdict : uint8_t { kUnclear, kBetter, kWorse };

// Of the treated over the others.
struct Lift {
  Moments treated = {};
  Moments others = {};
  // Nothing if a group is empty. The interval needs two people each, and somebody who differs.
  std::optional<Estimate> difference = {};
  // Nothing unless the others' mean is above 0 by more than its own error: a ratio to what may be 0
  // says nothing.
  std::optional<Estimate> ratio = {};
  Verdict verdict = Verdict::kUnclear;  // what the interval of the difference says
};
Lift Compare(const Sample& treated, const Sample& others, double unit);

// The t that Student's distribution with so many degrees of freedom exceeds with probability 0.025.
// Requires: positive. More than a million are taken as a million.
double StudentLimit(double degrees);

}  // namespace batuta::experiment

#include "experiment/lift.h"

#include <algorithm>

#include "base/math.h"
#include "base/status.h"

namespace batuta::experiment {
namespace {

// The 0.975 quantile of the normal distribution.
constexpr double kNormalLimit = 1.959963984540054;

Interval Around(double value, double span) { return {.low = value - span, .high = value + span}; }

}  // namespace

// The squares are taken around a whole number next to the mean, exactly, before anything is
// rounded: large sums that are nearly equal are never subtracted as doubles.
Moments MomentsOf(const Sample& sample, double unit) {
  BATUTA_CHECK(unit > 0);
  if (sample.people == 0) return {};
  const auto people = static_cast<double>(sample.people);
  const absl::int128 count = sample.people;
  absl::int128 center = sample.sum / count;
  if (sample.sum - center * count < 0) center -= 1;
  const auto rest = static_cast<double>(sample.sum - center * count);
  Moments moments;
  moments.mean = (static_cast<double>(center) + rest / people) * unit;
  if (sample.people < 2) return moments;
  // Unsigned throughout: whatever wraps around comes back, as the result is not negative.
  const absl::uint128 squares =
      sample.squares - absl::uint128(2) * absl::uint128(center) * absl::uint128(sample.sum) +
      absl::uint128(count) * absl::uint128(center) * absl::uint128(center);
  const double centered = static_cast<double>(squares) - rest * rest / people;
  moments.variance = std::max(0.0, centered) / (people - 1) * unit * unit;
  return moments;
}

// T² / (n + T²) is Beta(1/2, n/2) distributed (Abramowitz and Stegun 26.5.27).
double StudentLimit(double degrees) {
  BATUTA_CHECK(degrees > 0);
  const double n = std::min(degrees, 1e6);
  const double y = base::BetaQuantile(0.95, 0.5, n / 2);
  return base::Sqrt(n * y / (1 - y));
}

Lift Compare(const Sample& treated, const Sample& others, double unit) {
  Lift lift{.treated = MomentsOf(treated, unit), .others = MomentsOf(others, unit)};
  if (treated.people == 0 || others.people == 0) return lift;
  Estimate& difference = lift.difference.emplace();
  difference.value = lift.treated.mean - lift.others.mean;
  if (treated.people < 2 || others.people < 2) return lift;
  const auto n = static_cast<double>(treated.people);
  const auto m = static_cast<double>(others.people);
  // Variances of the two means.
  const double a = lift.treated.variance / n;
  const double b = lift.others.variance / m;
  if (!(a + b > 0)) return lift;
  const double degrees = (a + b) * (a + b) / (a * a / (n - 1) + b * b / (m - 1));
  const Interval interval = Around(difference.value, StudentLimit(degrees) * base::Sqrt(a + b));
  difference.interval = interval;
  if (interval.low > 0) lift.verdict = Verdict::kBetter;
  if (interval.high < 0) lift.verdict = Verdict::kWorse;
  const double mean = lift.others.mean;
  if (!(mean > kNormalLimit * base::Sqrt(b))) return lift;
  const double ratio = lift.treated.mean / mean;
  const double error = base::Sqrt(a + ratio * ratio * b) / mean;
  lift.ratio = {.value = ratio, .interval = Around(ratio, kNormalLimit * error)};
  return lift;
}

}  // namespace batuta::experiment

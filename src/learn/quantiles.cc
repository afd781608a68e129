#include "learn/quantiles.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <utility>
#include <vector>

#include "base/math.h"
#include "base/status.h"

namespace batuta::learn {
namespace {

// Where the table ends. Beyond the last inner quantile lies a probability of 2^-8; a line from
// there to the quantile at 2^-11 has nearly the mean of an exponential tail, whose mean excess is
// half of its excess at e^-2 of the probability.
constexpr double kTail = 0x1p-11;

constexpr int kStepsPerDoubling = 4;
constexpr int kFirstPower = -8;
constexpr int kLastPower = 24;
constexpr int kShapes = (kLastPower - kFirstPower) * kStepsPerDoubling + 1;

// The probability that stands at each entry of a table.
double ProbabilityAt(size_t entry) {
  if (entry == 0) return kTail;
  if (entry == kTableSize - 1) return 1 - kTail;
  return (static_cast<double>(entry) - 0.5) / static_cast<double>(kQuantiles);
}

// The mean of what DrawFrom draws from the table.
double MeanOf(const QuantileTable& table) {
  double sum = 0;
  // Between two inner entries a draw is linear; at both ends half as wide.
  for (size_t i = 1; i + 2 < kTableSize; ++i) sum += (table[i] + table[i + 1]) / 2;
  sum += (table[0] + table[1]) / 4 + (table[kTableSize - 2] + table[kTableSize - 1]) / 4;
  return sum / static_cast<double>(kQuantiles);
}

// The density of the log odds of what is distributed as Beta(a, b), over the one at its peak.
class LogOddsDensity {
 public:
  LogOddsDensity(double a, double b) : a_(a), b_(b), peak_(base::Log(a / b)) {
    top_ = Height(peak_);
  }

  double peak() const { return peak_; }
  double At(double t) const { return base::Exp(Height(t) - top_); }
  // Over what distance it changes.
  double Scale(double t) const {
    const double x = 1 / (1 + base::Exp(-t));
    const double slope = a_ - (a_ + b_) * x;
    return 1 / ((slope < 0 ? -slope : slope) + base::Sqrt((a_ + b_) * x * (1 - x)));
  }

 private:
  double Height(double t) const {
    const double below = t > 0 ? base::Log1p(base::Exp(-t)) : base::Log1p(base::Exp(t)) - t;
    return -a_ * below - b_ * (below + t);  // a ln x + b ln(1 - x)
  }

  double a_;
  double b_;
  double peak_;
  double top_ = 0;
};

// A point of the distribution function, not yet divided by the whole.
struct Knot {
  double t = 0;
  double sum = 0;
};

// From the peak on in one direction, by Simpson's rule, until nothing is left that a table shows.
std::vector<Knot> Integrate(const LogOddsDensity& density, double direction) {
  constexpr double kStep = 1.0 / 8;  // of the scale
  constexpr double kNothing = 1e-6;
  std::vector<Knot> knots = {{density.peak(), 0}};
  double here = 1;
  while (true) {
    const Knot last = knots.back();
    const double scale = density.Scale(last.t);
    const double step = scale * kStep;
    if (here * scale < kNothing * last.sum) return knots;
    const double middle = density.At(last.t + direction * step / 2);
    const double next = density.At(last.t + direction * step);
    knots.push_back({last.t + direction * step, last.sum + step * (here + 4 * middle + next) / 6});
    here = next;
  }
}

// The distribution function at rising log odds, from 0 on.
std::vector<Knot> DistributionOf(double a, double b) {
  const LogOddsDensity density(a, b);
  std::vector<Knot> below = Integrate(density, -1);
  const std::vector<Knot> above = Integrate(density, 1);
  const double left = below.back().sum;
  for (Knot& knot : below) knot.sum = left - knot.sum;
  std::reverse(below.begin(), below.end());
  for (size_t i = 1; i < above.size(); ++i) below.push_back({above[i].t, left + above[i].sum});
  return below;
}

std::unique_ptr<const QuantileTable> MakeTable(double a, double b) {
  const std::vector<Knot> knots = DistributionOf(a, b);
  auto table = std::make_unique<QuantileTable>();
  size_t at = 1;
  for (size_t i = 0; i < kTableSize; ++i) {
    const double wanted = ProbabilityAt(i) * knots.back().sum;
    while (at + 1 < knots.size() && knots[at].sum < wanted) ++at;
    const Knot& from = knots[at - 1];
    const Knot& to = knots[at];
    const double part = std::clamp((wanted - from.sum) / (to.sum - from.sum), 0.0, 1.0);
    (*table)[i] = 1 / (1 + base::Exp(-(from.t + (to.t - from.t) * part)));
  }
  return table;
}

// The tables of the grid, as far as they were asked for; never freed.
const QuantileTable& TableAt(int alpha, int beta) {
  static std::array<std::atomic<const QuantileTable*>, size_t{kShapes} * kShapes> tables = {};
  auto& place = tables[static_cast<size_t>(alpha) * kShapes + static_cast<size_t>(beta)];
  const QuantileTable* table = place.load(std::memory_order_acquire);
  if (table != nullptr) return *table;
  const auto shape = [](int index) {
    return base::Pow(2, kFirstPower + static_cast<double>(index) / kStepsPerDoubling);
  };
  auto made = MakeTable(shape(alpha), shape(beta));
  // Another thread may have made the same.
  if (place.compare_exchange_strong(table, made.get(), std::memory_order_acq_rel)) {
    return *made.release();
  }
  return *table;
}

// Where a shape lies on the grid: at `index`, and so far on to the next.
struct Place {
  int index = 0;
  double part = 0;
};

Place PlaceOf(double shape) {
  constexpr double kLog2 = 0.69314718055994530942;
  const double steps = (base::Log(shape) / kLog2 - kFirstPower) * kStepsPerDoubling;
  const double within = std::clamp(steps, 0.0, static_cast<double>(kShapes - 1));
  const int index = std::min(static_cast<int>(within), kShapes - 2);
  return {index, within - index};
}

}  // namespace

QuantileTable TableOf(double alpha, double beta) {
  BATUTA_CHECK(alpha > 0 && beta > 0);
  const Place a = PlaceOf(alpha);
  const Place b = PlaceOf(beta);
  QuantileTable blended = {};
  for (const auto& [i, along] : {std::pair(a.index, 1 - a.part), std::pair(a.index + 1, a.part)}) {
    for (const auto& [j, across] :
         {std::pair(b.index, 1 - b.part), std::pair(b.index + 1, b.part)}) {
      const double weight = along * across;
      if (weight == 0) continue;
      const QuantileTable& corner = TableAt(i, j);
      for (size_t k = 0; k < kTableSize; ++k) blended[k] += weight * corner[k];
    }
  }
  const double scale = alpha / (alpha + beta) / MeanOf(blended);
  for (double& quantile : blended) quantile = std::min(1.0, quantile * scale);
  return blended;
}

double DrawFrom(absl::Span<const double> table, double uniform) {
  BATUTA_CHECK(table.size() == kTableSize);
  BATUTA_CHECK(uniform >= 0 && uniform < 1);
  // Position among the inner quantiles, which stand at i + 1/2; the half steps at both ends lead to
  // the outermost entries.
  const double position = uniform * static_cast<double>(kQuantiles) - 0.5;
  if (position < 0) return table[1] + (table[0] - table[1]) * (-position * 2);
  const auto index = static_cast<size_t>(position);
  const double part = position - static_cast<double>(index);
  if (index == kQuantiles - 1) {
    return table[kQuantiles] + (table[kQuantiles + 1] - table[kQuantiles]) * (part * 2);
  }
  return table[index + 1] + (table[index + 2] - table[index + 1]) * part;
}

}  // namespace batuta::learn

// The Gamma and Beta functions of math.h, on its own logarithms only.
#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>

#include "base/math.h"
#include "base/status.h"

namespace batuta::base {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kHalfLogTwoPi = 0.91893853320467274178;
constexpr double kTwoPi = 6.2831853071795864769;
// From here on Stirling's series with eight terms is exact to the last place or two.
constexpr double kStirlingMin = 12;

// What Stirling's formula (x - 1/2) ln x - x + ln(2 pi)/2 lacks to ln Gamma(x), for x >=
// kStirlingMin: the series of Abramowitz and Stegun 6.1.40.
double StirlingCorrection(double x) {
  const double z = 1 / (x * x);
  double sum = -3617.0 / 122400;
  sum = sum * z + 1.0 / 156;
  sum = sum * z - 691.0 / 360360;
  sum = sum * z + 1.0 / 1188;
  sum = sum * z - 1.0 / 1680;
  sum = sum * z + 1.0 / 1260;
  sum = sum * z - 1.0 / 360;
  sum = sum * z + 1.0 / 12;
  return sum / x;
}

// x - 1 - ln x without cancellation near 1; `from_one` is x - 1, more precisely than x has it.
double ExcessOverLog(double x, double from_one) {
  if (std::abs(from_one) > 0.25) return from_one - Log(x);
  // With s = t / (2 + t): ln(1 + t) = 2 atanh(s), and t - 2 s = s t.
  const double s = from_one / (2 + from_one);
  const double z = s * s;
  double sum = 0;
  for (int n = 25; n >= 3; n -= 2) sum = (sum + 2.0 / n) * z;
  return s * (from_one - sum);
}

// ln B(a, b) where one of them may be large: there ln Gamma(large) - ln Gamma(large + small) is
// taken from Stirling's formula at once, as the two are nearly equal (DiDonato and Morris's
// ALGDIV).
double LogBeta(double a, double b) {
  const double small = std::min(a, b);
  const double large = std::max(a, b);
  const double sum = a + b;
  if (large < kStirlingMin) return LogGamma(a) + LogGamma(b) - LogGamma(sum);
  const double correction = StirlingCorrection(large) - StirlingCorrection(sum);
  const double difference =
      small - small * Log(sum) - (large - 0.5) * Log1p(small / large) + correction;
  return LogGamma(small) + difference;
}

// x^a (1-x)^b / B(a, b); `y` is 1 - x, more precisely than x has it.
double PowerTerm(double x, double y, double a, double b) {
  if (std::min(a, b) < kStirlingMin) {
    const double log_x = x <= 0.5 ? Log(x) : Log1p(-y);
    const double log_y = y <= 0.5 ? Log(y) : Log1p(-x);
    return Exp(a * log_x + b * log_y - LogBeta(a, b));
  }
  // Around the mean a / (a + b) all large terms cancel; what is left is small and exact.
  const double sum = a + b;
  const double distance = (x <= y) ? sum * x - a : b - sum * y;
  const double exponent =
      a * ExcessOverLog(sum * x / a, distance / a) + b * ExcessOverLog(sum * y / b, -distance / b);
  const double correction = StirlingCorrection(a) + StirlingCorrection(b) - StirlingCorrection(sum);
  return Sqrt(a / sum * b / kTwoPi) * Exp(-exponent - correction);
}

// The continued fraction of I_x(a, b) over its power term (Abramowitz and Stegun 26.5.8), evaluated
// by Lentz's method. Converges fast for x below the mean.
double ContinuedFraction(double x, double a, double b) {
  constexpr double kTiny = 1e-300;
  constexpr double kPrecision = 1e-16;
  constexpr int kStepCountMax = 100'000;
  const auto nonzero = [](double v) { return std::abs(v) < kTiny ? kTiny : v; };
  double c = 1;
  double d = 1 / nonzero(1 - (a + b) * x / (a + 1));
  double fraction = d;
  for (int m = 1; m <= kStepCountMax; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / nonzero(1 + even * d);
    c = nonzero(1 + even / c);
    fraction *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / nonzero(1 + odd * d);
    c = nonzero(1 + odd / c);
    fraction *= d * c;
    if (std::abs(d * c - 1) < kPrecision) break;
  }
  return fraction;
}

// Both tails of Beta(a, b) at x, each to its own precision.
struct Tails {
  double below;
  double above;
};
Tails TailsAt(double x, double y, double a, double b) {
  if (x <= 0) return {0, 1};
  if (y <= 0) return {1, 0};
  const double power = PowerTerm(x, y, a, b);
  if (x < (a + 1) / (a + b + 2)) {
    const double below = std::min(1.0, power * ContinuedFraction(x, a, b) / a);
    return {below, 1 - below};
  }
  const double above = std::min(1.0, power * ContinuedFraction(y, b, a) / b);
  return {1 - above, above};
}

// The x in [0, 1/2] with `p` below it and `q` = 1 - p above, if there is one; else at most 1/2.
double SolveInLowerHalf(double p, double q, double a, double b) {
  double low = 0;
  double high = 0.5;
  double x = std::clamp(a / (a + b), 1e-3, 0.5);
  constexpr int kStepCountMax = 200;
  for (int i = 0; i < kStepCountMax; ++i) {
    const Tails tails = TailsAt(x, 1 - x, a, b);
    // The smaller tail is the precise one. Near 0 it is a power of x, so that a step taken between
    // logarithms goes straight there.
    const double slope = PowerTerm(x, 1 - x, a, b) / (1 - x);
    const bool is_lower = tails.below < tails.above;
    const double error = is_lower ? tails.below - p : q - tails.above;
    if (error == 0) return x;
    (error < 0 ? low : high) = x;
    const double step = is_lower ? Log(tails.below / p) * tails.below : error;
    double next = x * Exp(-step / slope);
    if (!(next > low && next < high)) {
      // Halving the distance in representable numbers ends after 64 steps at most.
      const auto low_bits = std::bit_cast<uint64_t>(low);
      const auto high_bits = std::bit_cast<uint64_t>(high);
      next = std::bit_cast<double>(low_bits + (high_bits - low_bits) / 2);
    }
    if (std::abs(next - x) <= 4e-16 * x || next == low || next == high) return next;
    x = next;
  }
  return x;
}

}  // namespace

double LogGamma(double x) {
  if (x != x || x == kInfinity) return x;
  if (x <= 0) return x == 0 ? kInfinity : std::numeric_limits<double>::quiet_NaN();
  if (x == 1 || x == 2) return 0;
  double product = 1;
  for (; x < kStirlingMin; ++x) product *= x;
  const double stirling = (x - 0.5) * Log(x) - x + kHalfLogTwoPi + StirlingCorrection(x);
  return product == 1 ? stirling : stirling - Log(product);
}

double BetaProbability(double x, double a, double b) {
  BATUTA_CHECK(a > 0 && b > 0 && a < kInfinity && b < kInfinity);
  return TailsAt(x, 1 - x, a, b).below;
}

double BetaQuantile(double p, double a, double b) {
  BATUTA_CHECK(p >= 0 && p <= 1);
  BATUTA_CHECK(a > 0 && b > 0 && a < kInfinity && b < kInfinity);
  if (p == 0 || p == 1) return p;
  const Tails half = TailsAt(0.5, 0.5, a, b);
  // Solved from the side where x is small, so that it is known to the last place there.
  if (p <= half.below) return SolveInLowerHalf(p, 1 - p, a, b);
  return 1 - SolveInLowerHalf(1 - p, p, b, a);
}

}  // namespace batuta::base

#include "base/math.h"

#include <bit>
#include <cstdint>
#include <limits>

namespace batuta::base {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// ln 2 in two parts; the first has 32 trailing zero bits, so that its product with an exponent is
// exact.
constexpr double kLn2High = 0x1.62e42feep-1;
constexpr double kLn2Low = 0x1.a39ef35793c76p-33;
constexpr double kInverseLn2 = 0x1.71547652b82fep+0;

constexpr uint64_t kFractionMask = 0x000F'FFFF'FFFF'FFFF;
constexpr uint64_t kOneBits = 0x3FF0'0000'0000'0000;
// Adding and subtracting this rounds a small double to an integer, ties to even.
constexpr double kRounder = 0x1.8p52;

// x * 2^k for a k that may leave the range: two exact steps and at most one rounding.
double Scale(double x, int k) {
  const auto power = [](int e) {
    return std::bit_cast<double>(static_cast<uint64_t>(e + 1023) << 52);
  };
  const int first = k < -1022 ? k + 600 : (k > 1023 ? k - 600 : k);
  return x * power(first) * (first == k ? 1.0 : power(k - first));
}

// A finite positive x as 2^exponent * fraction with the fraction in [sqrt(1/2), sqrt(2)).
struct Parts {
  double fraction;
  double exponent;
};
Parts Split(double x) {
  constexpr uint64_t kSqrtHalfFraction = 0x6A09E667F3BCD;  // of sqrt(2)'s bits
  double shift = 0;
  if (x < std::numeric_limits<double>::min()) {
    x *= 0x1p54;
    shift = -54;
  }
  const auto bits = std::bit_cast<uint64_t>(x);
  const uint64_t fraction = bits & kFractionMask;
  const uint64_t halve = fraction >= kSqrtHalfFraction ? 1 : 0;
  const auto exponent = static_cast<double>(static_cast<int64_t>(bits >> 52) - 1023) + shift;
  return {std::bit_cast<double>(fraction | (kOneBits - (halve << 52))),
          exponent + static_cast<double>(halve)};
}

// What a logarithm gives for arguments that have no Parts: zero, negatives, infinity, NaN.
bool HasParts(double x) { return x > 0 && x < kInfinity; }
double LogOfOthers(double x) {
  if (x == 0) return -kInfinity;
  return x < 0 ? kNan : x;
}

// (2 atanh(s) - 2s) / s by its power series; |s| < 0.172, so the first term left out is below
// 2^-60.
double AtanhTail(double z) {
  double sum = 2.0 / 23;
  sum = sum * z + 2.0 / 21;
  sum = sum * z + 2.0 / 19;
  sum = sum * z + 2.0 / 17;
  sum = sum * z + 2.0 / 15;
  sum = sum * z + 2.0 / 13;
  sum = sum * z + 2.0 / 11;
  sum = sum * z + 2.0 / 9;
  sum = sum * z + 2.0 / 7;
  sum = sum * z + 2.0 / 5;
  sum = sum * z + 2.0 / 3;
  return sum * z;
}

// exponent * ln 2 + ln(1 + f), where `lost` is what rounding took from f. As s = f / (2 + f) gives
// 2s = f - s f, and s f = f^2/2 - s f^2/2, the large terms f and f^2/2 carry no error of s.
double LogOf(double exponent, double f, double lost) {
  const double s = f / (2 + f);
  const double half_square = 0.5 * f * f;
  const double small = s * (half_square + AtanhTail(s * s));
  return exponent * kLn2High - ((half_square - (small + (exponent * kLn2Low + lost))) - f);
}

// A number as the unevaluated sum of two doubles, |low| at most half a unit of high's last place.
struct Pair {
  double high;
  double low;
};

Pair QuickSum(double large, double small) {
  const double sum = large + small;
  return {sum, small - (sum - large)};
}

Pair Sum(double a, double b) {
  const double sum = a + b;
  const double part = sum - a;
  return {sum, (a - (sum - part)) + (b - part)};
}

// Dekker's product: exact unless it leaves the range.
Pair Product(double a, double b) {
  constexpr double kSplitter = 0x1p27 + 1;
  const double a_scaled = a * kSplitter;
  const double a_high = a_scaled - (a_scaled - a);
  const double a_low = a - a_high;
  const double b_scaled = b * kSplitter;
  const double b_high = b_scaled - (b_scaled - b);
  const double b_low = b - b_high;
  const double product = a * b;
  const double error =
      ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low;
  return {product, error};
}

Pair Add(Pair a, Pair b) {
  const Pair sum = Sum(a.high, b.high);
  return QuickSum(sum.high, sum.low + (a.low + b.low));
}

Pair Multiply(Pair a, Pair b) {
  const Pair product = Product(a.high, b.high);
  return QuickSum(product.high, product.low + (a.high * b.low + a.low * b.high));
}

Pair Divide(Pair a, Pair b) {
  const double quotient = a.high / b.high;
  const Pair back = Multiply(b, {quotient, 0});
  const double rest = ((a.high - back.high) - back.low) + a.low;
  return QuickSum(quotient, rest / b.high);
}

// ln(fraction) to about 2^-70 of itself.
Pair PairLog(double fraction) {
  const double f = fraction - 1;  // exact
  const Pair s = Divide({f, 0}, Sum(2, f));
  const Pair z = Multiply(s, s);
  // The first terms of the series as pairs, the rest as one double.
  double tail = 2.0 / 25;
  for (int n = 23; n >= 9; n -= 2) tail = tail * z.high + 2.0 / n;
  constexpr Pair kTwoSevenths = {2.0 / 7, 0x1.2492492492492p-56};
  constexpr Pair kTwoFifths = {2.0 / 5, -0x1.999999999999ap-57};
  constexpr Pair kTwoThirds = {2.0 / 3, 0x1.5555555555555p-55};
  Pair sum = Add(kTwoSevenths, Product(z.high, tail));
  sum = Add(kTwoFifths, Multiply(z, sum));
  sum = Add(kTwoThirds, Multiply(z, sum));
  sum = Multiply(z, sum);
  return Multiply(s, Add({2, 0}, sum));
}

// exp(x + low), low far below x; x within the range where the result is neither 0 nor infinite.
double ExpOf(double x, double low) {
  const double k = (x * kInverseLn2 + kRounder) - kRounder;
  const double high = x - k * kLn2High;
  const double rest = low - k * kLn2Low;
  const double r = high + rest;
  const double lost = (high - r) + rest;
  double sum = 1.0 / 6227020800;  // 1 / 13!
  sum = sum * r + 1.0 / 479001600;
  sum = sum * r + 1.0 / 39916800;
  sum = sum * r + 1.0 / 3628800;
  sum = sum * r + 1.0 / 362880;
  sum = sum * r + 1.0 / 40320;
  sum = sum * r + 1.0 / 5040;
  sum = sum * r + 1.0 / 720;
  sum = sum * r + 1.0 / 120;
  sum = sum * r + 1.0 / 24;
  sum = sum * r + 1.0 / 6;
  sum = sum * r + 0.5;
  return Scale(1 + (r + (lost + r * r * sum)), static_cast<int>(k));
}

// Beyond these exp is infinite or rounds to zero.
constexpr double kExpMax = 709.79;
constexpr double kExpMin = -745.14;

bool IsInteger(double y) { return y == std::trunc(y); }
bool IsOdd(double y) { return std::abs(y) < 0x1p53 && IsInteger(y) && !IsInteger(y / 2); }

// x^y for finite x > 0 and finite y that is not 0.
double PowOfPositive(double x, double y) {
  const Parts parts = Split(x);
  const Pair whole = Add({parts.exponent * kLn2High, 0}, {parts.exponent * kLn2Low, 0});
  const Pair log = Add(whole, PairLog(parts.fraction));
  const double estimate = log.high * y;
  if (estimate > kExpMax) return kInfinity;
  if (estimate < kExpMin) return 0;
  const Pair power = Multiply(log, {y, 0});
  return ExpOf(power.high, power.low);
}

}  // namespace

double Exp(double x) {
  if (x != x) return x;
  if (x > kExpMax) return kInfinity;
  if (x < kExpMin) return 0;
  return ExpOf(x, 0);
}

double Log(double x) {
  if (!HasParts(x)) return LogOfOthers(x);
  const Parts parts = Split(x);
  return LogOf(parts.exponent, parts.fraction - 1, 0);
}

double Log2(double x) {
  if (!HasParts(x)) return LogOfOthers(x);
  const Parts parts = Split(x);
  constexpr Pair kInverse = {kInverseLn2, 0x1.777d0ffda0d24p-56};
  const Pair fraction = Multiply(PairLog(parts.fraction), kInverse);
  const Pair sum = Add({parts.exponent, 0}, fraction);
  return sum.high + sum.low;
}

double Log1p(double x) {
  const double sum = 1 + x;
  if (!HasParts(sum)) return LogOfOthers(sum);
  if (x > -0.25 && x < 0.25) return LogOf(0, x, 0);
  const Parts parts = Split(sum);
  const double lost = (x >= 1 ? 1 - (sum - x) : x - (sum - 1)) / sum;
  return LogOf(parts.exponent, parts.fraction - 1, lost);
}

double Pow(double x, double y) {
  if (y == 0 || x == 1) return 1;
  if (x != x || y != y) return kNan;
  const bool negative = std::signbit(x) && IsOdd(y);
  const double sign = negative ? -1 : 1;
  if (std::abs(y) == kInfinity) {
    if (x == -1) return 1;
    return (std::abs(x) > 1) == (y > 0) ? kInfinity : 0;
  }
  if (x == 0 || std::abs(x) == kInfinity) return sign * ((x == 0) == (y < 0) ? kInfinity : 0);
  if (x < 0 && !IsInteger(y)) return kNan;
  if (x == -1) return sign;
  return sign * PowOfPositive(std::abs(x), y);
}

}  // namespace batuta::base

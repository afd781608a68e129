#include "base/math.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <functional>
#include <limits>

#include "base/encoding.h"
#include "base/hash.h"
#include "base/random.h"

// References are the C library's long double functions: on x86-64 they have 64 bits, 11 more than
// the results judged, so they settle a bound of 2 units to within a thousandth of a unit.
namespace batuta::base {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kTiniest = std::numeric_limits<double>::denorm_min();
constexpr double kLargest = std::numeric_limits<double>::max();
constexpr double kSmallestNormal = std::numeric_limits<double>::min();
constexpr int kPointCount = 1'000'000;

// The distance from `exact` in units of its last place as a double.
double UlpError(double result, long double exact) {
  const auto rounded = static_cast<double>(exact);
  if (std::isnan(rounded) || std::isinf(rounded) || std::isinf(result)) {
    const bool same = std::isnan(rounded) ? std::isnan(result) : rounded == result;
    return same ? 0 : kInfinity;
  }
  int exponent = 0;
  std::frexp(rounded, &exponent);
  const long double unit = std::ldexp(1.0L, std::max(exponent - 53, -1074));
  return static_cast<double>(std::abs(static_cast<long double>(result) - exact) / unit);
}

double Between(Random& random, double low, double high) {
  return low + (high - low) * random.Uniform();
}

// Any positive finite double, every exponent equally likely.
double AnyPositive(Random& random) {
  return std::bit_cast<double>(random.Below(0x7FF0'0000'0000'0000));
}

struct Worst {
  double error = 0;
  double at = 0;
  void See(double seen, double point) {
    if (seen > error) {
      error = seen;
      at = point;
    }
  }
};

TEST(Math, ExpIsWithinTwoUnitsEverywhere) {
  Random random(1, {}, "math", "exp");
  Worst worst;
  for (int i = 0; i < kPointCount; ++i) {
    const double x = i % 4 == 0   ? Between(random, -1, 1)
                     : i % 4 == 1 ? Between(random, -746, -700)
                     : i % 4 == 2 ? (i % 8 == 2 ? 1 : -1) * AnyPositive(random)
                                  : Between(random, -710, 710);
    worst.See(UlpError(Exp(x), std::exp(static_cast<long double>(x))), x);
  }
  EXPECT_LE(worst.error, 1.0) << "at " << worst.at;
  RecordProperty("ulp", std::to_string(worst.error));
}

TEST(Math, LogIsWithinTwoUnitsEverywhere) {
  Random random(1, {}, "math", "log");
  Worst log, log2, log1p;
  for (int i = 0; i < kPointCount; ++i) {
    const double x = i % 3 == 0   ? AnyPositive(random)
                     : i % 3 == 1 ? Between(random, 0.5, 2)
                                  : 1 + Between(random, -1e-3, 1e-3);
    log.See(UlpError(Log(x), std::log(static_cast<long double>(x))), x);
    log2.See(UlpError(Log2(x), std::log2(static_cast<long double>(x))), x);
    const double y = i % 2 == 0 ? x - 1 : (i % 4 == 1 ? x : -x);
    log1p.See(UlpError(Log1p(y), std::log1p(static_cast<long double>(y))), y);
  }
  EXPECT_LE(log.error, 1.0) << "at " << log.at;
  EXPECT_LE(log2.error, 1.0) << "at " << log2.at;
  EXPECT_LE(log1p.error, 4.0) << "at " << log1p.at;
  RecordProperty("log_ulp", std::to_string(log.error));
  RecordProperty("log2_ulp", std::to_string(log2.error));
  RecordProperty("log1p_ulp", std::to_string(log1p.error));
}

TEST(Math, PowIsWithinTwoUnitsEverywhere) {
  Random random(1, {}, "math", "pow");
  Worst worst;
  for (int i = 0; i < kPointCount; ++i) {
    const double x = i % 3 == 0   ? AnyPositive(random)
                     : i % 3 == 1 ? Between(random, 0, 10)
                                  : 1 + Between(random, -1e-6, 1e-6);
    // Exponents that use the whole range of results, and ordinary ones.
    const double reach = 745 / std::max(std::abs(std::log(x)), 1e-300);
    const double y = i % 2 == 0 ? Between(random, -reach, reach) : Between(random, -20, 20);
    if (!std::isfinite(y)) continue;
    const long double exact = std::pow(static_cast<long double>(x), static_cast<long double>(y));
    worst.See(UlpError(Pow(x, y), exact), x);
  }
  EXPECT_LE(worst.error, 1.0) << "at " << worst.at;
  RecordProperty("ulp", std::to_string(worst.error));
}

TEST(Math, PowersOfTwoAndTenAreExact) {
  for (int k = -1074; k < 1024; ++k) {
    EXPECT_EQ(Pow(2, k), std::ldexp(1.0, k)) << k;
    EXPECT_EQ(Log2(std::ldexp(1.0, k)), k);
  }
  EXPECT_EQ(Pow(10, 2), 100);
  EXPECT_EQ(Pow(10, 22), 1e22);
  EXPECT_EQ(Pow(9, 0.5), 3);
  EXPECT_EQ(Pow(1.5, 2), 2.25);
}

TEST(Math, ExpOfSpecialValues) {
  EXPECT_EQ(Exp(0), 1);
  EXPECT_EQ(Exp(-0.0), 1);
  EXPECT_EQ(Exp(kTiniest), 1);
  EXPECT_EQ(Exp(kInfinity), kInfinity);
  EXPECT_EQ(Exp(-kInfinity), 0);
  EXPECT_EQ(Exp(709.782712893384), std::exp(709.782712893384));
  EXPECT_EQ(Exp(709.7827128933841), kInfinity);
  EXPECT_EQ(Exp(-745.1332191019411), kTiniest);
  EXPECT_EQ(Exp(-745.1332191019412), 0);
  EXPECT_EQ(Exp(kLargest), kInfinity);
  EXPECT_EQ(Exp(-kLargest), 0);
  EXPECT_TRUE(std::isnan(Exp(kNan)));
}

TEST(Math, LogOfSpecialValues) {
  for (const auto& log : {Log, Log2}) {
    EXPECT_EQ(log(0), -kInfinity);
    EXPECT_EQ(log(-0.0), -kInfinity);
    EXPECT_EQ(log(1), 0);
    EXPECT_EQ(log(kInfinity), kInfinity);
    EXPECT_TRUE(std::isnan(log(-kTiniest)));
    EXPECT_TRUE(std::isnan(log(-kInfinity)));
    EXPECT_TRUE(std::isnan(log(kNan)));
  }
  EXPECT_EQ(Log2(kTiniest), -1074);
  EXPECT_LE(UlpError(Log(kTiniest), std::log(static_cast<long double>(kTiniest))), 1);
  EXPECT_LE(UlpError(Log(kLargest), std::log(static_cast<long double>(kLargest))), 1);
  EXPECT_LE(UlpError(Log(kSmallestNormal), std::log(static_cast<long double>(kSmallestNormal))), 1);
  EXPECT_EQ(Log1p(0), 0);
  EXPECT_EQ(Log1p(-1), -kInfinity);
  EXPECT_EQ(Log1p(kInfinity), kInfinity);
  EXPECT_TRUE(std::isnan(Log1p(-1.5)));
  EXPECT_TRUE(std::isnan(Log1p(kNan)));
}

// The C library follows Annex F; its answers to special arguments are ours too, signs of zero
// included.
TEST(Math, PowOfSpecialValuesIsAsInAnnexF) {
  const std::array<double, 22> values = {0.0,        -0.0,
                                         1,          -1,
                                         2,          -2,
                                         0.5,        -0.5,
                                         3,          -3,
                                         1.5,        -1.5,
                                         1e300,      -1e300,
                                         1e-300,     kInfinity,
                                         -kInfinity, kNan,
                                         kTiniest,   -kTiniest,
                                         kLargest,   9007199254740993.0};
  for (const double x : values) {
    for (const double y : values) {
      const double exact = std::pow(x, y);
      EXPECT_LE(UlpError(Pow(x, y), exact), 1) << x << "^" << y;
      EXPECT_TRUE(std::isnan(exact) || std::signbit(Pow(x, y)) == std::signbit(exact))
          << x << "^" << y;
    }
  }
}

// The same bits under every compiler, processor and optimisation. A change of these numbers changes
// what old logs fold to.
TEST(Math, TheBitsNeverChange) {
  Random random(1, {}, "math", "golden");
  ByteWriter exp, log, log2, log1p, pow;
  for (int i = 0; i < 200'000; ++i) {
    const double x = AnyPositive(random);
    const double small = Between(random, -720, 720);
    exp.Double(Exp(small));
    log.Double(Log(x));
    log2.Double(Log2(x));
    log1p.Double(Log1p(i % 2 == 0 ? x : small / 721));
    pow.Double(Pow(x, small / 700));
    pow.Double(Pow(Between(random, 0, 4), small));
  }
  EXPECT_EQ(Hash64(exp.bytes()), 0xE6C21BB654355FF3U);
  EXPECT_EQ(Hash64(log.bytes()), 0x92828BE80383A9C9U);
  EXPECT_EQ(Hash64(log2.bytes()), 0x9742CE4DDD7C321FU);
  EXPECT_EQ(Hash64(log1p.bytes()), 0xE3F92D3D87626026U);
  EXPECT_EQ(Hash64(pow.bytes()), 0xC05F0B73E7D20FF6U);
}

}  // namespace
}  // namespace batuta::base

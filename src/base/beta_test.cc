#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/encoding.h"
#include "base/hash.h"
#include "base/math.h"
#include "base/random.h"

// References were computed with 50 digits: ln Gamma directly, the incomplete beta function by its
// series of positive terms (Abramowitz and Stegun 26.5.4).
namespace batuta::base {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct GammaPoint {
  double x;
  double log_gamma;
};
constexpr GammaPoint kGammaPoints[] = {
    {0.5, 0.57236494292470009},        {1.5, -0.12078223763524522},
    {2.5, 0.28468287047291916},        {1e-300, 690.77552789821371},
    {1e-05, 11.512919692895826},       {0.99, 0.0058548067647097815},
    {1.01, -0.0056903079460696505},    {1.9999, -4.2275208772153458e-5},
    {2.0001, 4.2281658112919946e-5},   {3, 0.69314718055994531},
    {7.25, 7.0521854507385394},        {11.999, 17.499865227646106},
    {12, 17.502307845873886},          {100, 359.1342053695754},
    {1000000.0, 12815504.569147612},   {1e+17, 3.8143946580898776e+18},
    {1e+300, 6.8977552789821374e+302},
};

struct BetaPoint {
  double x, a, b;
  double below, above;
};
constexpr BetaPoint kBetaPoints[] = {
    {0x1.0000000000000p-2, 0.5, 0.5, 0.33333333333333333, 0.66666666666666667},
    {0x1.0000000000000p-10, 0.01, 0.02, 0.62222818124028931, 0.37777181875971069},
    {0x1.ff80000000000p-1, 0.02, 0.01, 0.37777181875971069, 0.62222818124028931},
    {0x1.0000000000000p-4, 20, 300, 0.52688951109165877, 0.47311048890834123},
    {0x1.0000000000000p-3, 20, 300, 0.99991421825419573, 8.5781745804265828e-5},
    {0x1.1000000000000p-1, 700, 700, 0.99036862227174945, 0.0096313777282505501},
    {0x1.c000000000000p-2, 700, 700, 1.3352492615205725e-6, 0.99999866475073848},
    {0x1.0000000000000p-8, 3, 1500, 0.93220429740540389, 0.067795702594596113},
    {0x1.f800000000000p-1, 900, 12, 0.23872601415580255, 0.76127398584419745},
    {0x1.0000000000000p-1, 11.5, 12.5, 0.58228620617426275, 0.41771379382573725},
    {0x1.8000000000000p-5, 5000.5, 100000.25, 0.12710908470915607, 0.87289091529084393},
    {0x1.0000000000000p-8, 4000, 1000000, 0.10737609068572979, 0.89262390931427021},
    {0x1.0000000000000p-1, 100000, 100000, 0.5, 0.5},
    {0x1.0200000000000p-1, 100000, 100000, 0.99976199495778165, 0.00023800504221834824},
    {0x1.0000000000000p-2, 1, 5, 0.7626953125, 0.2373046875},
    {0x1.8000000000000p-1, 5, 1, 0.2373046875, 0.7626953125},
    {0x1.0000000000000p-30, 3, 7, 6.7854659339114959e-26, 1.0},
    {0x1.ffffe00000000p-1, 3, 0.5, 0.99816894647665289, 0.0018310535233471148},
    {0x1.0000000000000p-1, 1000000, 1000000, 0.5, 0.5},
    {0x1.ff00000000000p-2, 1000000, 1000000, 0.0028712087203686318, 0.99712879127963137},
};

TEST(LogGamma, GivesTheReferencesValues) {
  for (const GammaPoint& point : kGammaPoints) {
    const double tolerance = std::max(2e-14, 8e-16 * std::abs(point.log_gamma));
    EXPECT_NEAR(LogGamma(point.x), point.log_gamma, tolerance) << point.x;
  }
}

TEST(LogGamma, IsCloseToTheLibrarysEverywhere) {
  Random random(1, {}, "beta", "gamma");
  for (int i = 0; i < 200'000; ++i) {
    const double x = i % 2 == 0 ? random.Uniform() * 20 : Exp(random.Uniform() * 1400 - 700);
    const auto exact = static_cast<double>(std::lgamma(static_cast<long double>(x)));
    ASSERT_NEAR(LogGamma(x), exact, std::max(2e-14, 8e-16 * std::abs(exact))) << x;
  }
}

TEST(LogGamma, OfSpecialValues) {
  EXPECT_EQ(LogGamma(1), 0);
  EXPECT_EQ(LogGamma(2), 0);
  EXPECT_EQ(LogGamma(0), kInfinity);
  EXPECT_EQ(LogGamma(kInfinity), kInfinity);
  EXPECT_TRUE(std::isnan(LogGamma(-0.5)));
  EXPECT_TRUE(std::isnan(LogGamma(std::nan(""))));
}

TEST(BetaProbability, GivesTheReferencesValuesInBothTails) {
  for (const auto& [x, a, b, below, above] : kBetaPoints) {
    EXPECT_NEAR(BetaProbability(x, a, b) / below, 1, 5e-13) << x << " " << a << " " << b;
    EXPECT_NEAR(BetaProbability(1 - x, b, a) / above, 1, 5e-13) << x << " " << a << " " << b;
  }
}

TEST(BetaProbability, MeetsItsClosedForms) {
  for (double x = 0; x <= 1; x += 1.0 / 64) {
    EXPECT_NEAR(BetaProbability(x, 1, 1), x, 1e-14);
    EXPECT_NEAR(BetaProbability(x, 3, 1), x * x * x, 1e-14);
    EXPECT_NEAR(BetaProbability(x, 1, 2), x * (2 - x), 1e-14);
    EXPECT_NEAR(BetaProbability(x, 0.5, 0.5), std::asin(std::sqrt(x)) * 2 / 3.14159265358979324,
                1e-14);
  }
}

TEST(BetaQuantile, UndoesTheProbability) {
  Random random(1, {}, "beta", "quantile");
  for (int i = 0; i < 20'000; ++i) {
    const double a = Exp(random.Uniform() * 14 - 3);
    const double b = Exp(random.Uniform() * 14 - 3);
    const double p = random.Uniform();
    const double x = BetaQuantile(p, a, b);
    ASSERT_TRUE(x >= 0 && x <= 1) << p << " " << a << " " << b;
    // One unit of x moves the probability by the density; the answer cannot be closer than that.
    const double unit = x < 0.5 ? x * 4e-16 : 2.3e-16;
    const double spread = std::abs(BetaProbability(std::min(1.0, x + 4 * unit), a, b) -
                                   BetaProbability(std::max(0.0, x - 4 * unit), a, b));
    ASSERT_NEAR(BetaProbability(x, a, b), p, 1e-13 + spread) << a << " " << b;
  }
}

TEST(BetaQuantile, MeetsTheReferencesInBothTails) {
  for (const auto& [x, a, b, below, above] : kBetaPoints) {
    // Where p is within rounding of 1, it no longer says where x was.
    if (below < 0.999) {
      EXPECT_NEAR(BetaQuantile(below, a, b) / x, 1, 1e-12) << a << " " << b;
    }
    if (above < 0.999) {
      EXPECT_NEAR(BetaQuantile(above, b, a) / (1 - x), 1, 1e-12) << a << " " << b;
    }
  }
}

TEST(BetaQuantile, ReachesTheEnds) {
  EXPECT_EQ(BetaQuantile(0, 2, 3), 0);
  EXPECT_EQ(BetaQuantile(1, 2, 3), 1);
  EXPECT_EQ(BetaQuantile(0.5, 1, 1), 0.5);
  EXPECT_NEAR(BetaQuantile(1e-300, 2, 3), std::sqrt(1e-300 / 6), 1e-160);
  EXPECT_LT(BetaQuantile(1e-3, 0.001, 1), 1e-300) << "the answer is below every double";
  EXPECT_NEAR(BetaQuantile(0.975, 1e6, 1e6), 0.500692951, 1e-8);
}

TEST(BetaDeathTest, ShapesAndProbabilitiesOutsideTheirRangeAreBugs) {
  EXPECT_DEATH(BetaProbability(0.5, 0, 1), "a > 0");
  EXPECT_DEATH(BetaQuantile(1.5, 1, 1), "p <= 1");
  EXPECT_DEATH(BetaQuantile(std::nan(""), 1, 1), "p >= 0");
}

// The same bits under every compiler, processor and optimisation.
TEST(Beta, TheBitsNeverChange) {
  Random random(1, {}, "beta", "golden");
  ByteWriter writer;
  for (int i = 0; i < 5'000; ++i) {
    const double a = Exp(random.Uniform() * 14 - 4);
    const double b = Exp(random.Uniform() * 14 - 4);
    const double p = random.Uniform();
    writer.Double(LogGamma(a));
    writer.Double(BetaProbability(p, a, b));
    writer.Double(BetaQuantile(p, a, b));
  }
  EXPECT_EQ(Hash64(writer.bytes()), 0x323A07EB88A1B400U);
}

}  // namespace
}  // namespace batuta::base

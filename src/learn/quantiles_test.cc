#include "learn/quantiles.h"

#include <gtest/gtest.h>

#include "base/ids.h"
#include "base/math.h"
#include "base/random.h"

namespace batuta::learn {
namespace {

TEST(QuantileTable, RisesAndStaysWithinTheUnitInterval) {
  const auto table = QuantileTable(1, 19);
  ASSERT_EQ(table.size(), kTableSize);
  for (size_t i = 1; i < table.size(); ++i) EXPECT_LT(table[i - 1], table[i]);
  EXPECT_GT(table.front(), 0);
  EXPECT_LT(table.back(), 1);
}

TEST(QuantileTable, HoldsTheQuantilesOfTheDistribution) {
  const auto table = QuantileTable(3, 7);
  EXPECT_NEAR(base::BetaProbability(table[1], 3, 7), 0.5 / 128, 1e-9);
  EXPECT_NEAR(base::BetaProbability(table[64], 3, 7), 63.5 / 128, 1e-9);
}

TEST(DrawFrom, IsMonotoneAndContinuous) {
  const auto table = QuantileTable(2, 30);
  double last = DrawFrom(table, 0);
  EXPECT_DOUBLE_EQ(last, table.front());
  for (int i = 1; i < 10'000; ++i) {
    const double draw = DrawFrom(table, i / 10'000.0);
    EXPECT_GE(draw, last);
    last = draw;
  }
  EXPECT_NEAR(DrawFrom(table, 0x1.fffffffffffffp-1), table.back(), 1e-9);
}

TEST(DrawFrom, HasTheMeanAndSpreadOfTheDistribution) {
  struct Case {
    double alpha, beta;
  };
  for (const Case& c : {Case{1, 19}, Case{2.5, 47.5}, Case{30, 400}, Case{500, 500}}) {
    const auto table = QuantileTable(c.alpha, c.beta);
    base::Random random(7, base::Id128{1, 2}, "test", "draws");
    double sum = 0;
    double squares = 0;
    constexpr int kDraws = 200'000;
    for (int i = 0; i < kDraws; ++i) {
      const double draw = DrawFrom(table, random.Uniform());
      sum += draw;
      squares += draw * draw;
    }
    const double mean = c.alpha / (c.alpha + c.beta);
    const double variance = mean * (1 - mean) / (c.alpha + c.beta + 1);
    EXPECT_NEAR(sum / kDraws, mean, 0.01 * mean);
    EXPECT_NEAR(squares / kDraws - mean * mean, variance, 0.06 * variance);
  }
}

}  // namespace
}  // namespace batuta::learn

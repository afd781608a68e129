#include "learn/quantiles.h"

#include <algorithm>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/ids.h"
#include "base/math.h"
#include "base/random.h"

namespace batuta::learn {
namespace {

TEST(TableOf, RisesAndStaysWithinTheUnitInterval) {
  const QuantileTable table = TableOf(1, 19);
  for (size_t i = 1; i < table.size(); ++i) EXPECT_LT(table[i - 1], table[i]);
  EXPECT_GT(table.front(), 0);
  EXPECT_LT(table.back(), 1);
}

TEST(TableOf, HoldsTheQuantilesOfTheDistribution) {
  for (const auto& [a, b] : {std::pair(3.0, 7.0), std::pair(1.0, 19.0), std::pair(40.0, 900.0)}) {
    const QuantileTable table = TableOf(a, b);
    EXPECT_NEAR(base::BetaProbability(table[1], a, b), 0.5 / 128, 0.0005);
    EXPECT_NEAR(base::BetaProbability(table[64], a, b), 63.5 / 128, 0.004);
    EXPECT_NEAR(base::BetaProbability(table[128], a, b), 127.5 / 128, 0.0005);
  }
}

TEST(TableOf, HoldsThemToAThousandthOnTheGrid) {
  const QuantileTable table = TableOf(4, 32);
  EXPECT_NEAR(table[1] / base::BetaQuantile(0.5 / 128, 4, 32), 1, 5e-4);
  EXPECT_NEAR(table[64] / base::BetaQuantile(63.5 / 128, 4, 32), 1, 5e-4);
  EXPECT_NEAR(table[129] / base::BetaQuantile(1 - 0x1p-11, 4, 32), 1, 5e-4);
}

TEST(TableOf, IsTheSameWhicheverThreadAsksFirst) {
  std::vector<QuantileTable> tables(4);
  std::vector<std::thread> threads;
  for (QuantileTable& table : tables) {
    threads.emplace_back([&table] { table = TableOf(123.4, 5678.9); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const QuantileTable& table : tables) EXPECT_EQ(table, tables[0]);
}

// Beliefs beyond the grid are drawn from as those at its edge, about the same mean.
TEST(TableOf, TakesAnyPositiveShapes) {
  for (const double alpha : {1e-6, 1e9}) {
    for (const double beta : {1e-6, 1e9}) {
      const QuantileTable table = TableOf(alpha, beta);
      EXPECT_TRUE(std::is_sorted(table.begin(), table.end())) << alpha << " " << beta;
      EXPECT_GE(table.front(), 0);
      EXPECT_LE(table.back(), 1);
    }
  }
}

TEST(DrawFrom, IsMonotoneAndContinuous) {
  const QuantileTable table = TableOf(2, 30);
  double last = DrawFrom(table, 0);
  EXPECT_DOUBLE_EQ(last, table.front());
  for (int i = 1; i < 10'000; ++i) {
    const double draw = DrawFrom(table, i / 10'000.0);
    EXPECT_GE(draw, last);
    last = draw;
  }
  EXPECT_NEAR(DrawFrom(table, 0x1.fffffffffffffp-1), table.back(), 1e-9);
}

// Of whatever belief: of few examples and many, of a Beta model and mixed with an adaptive one.
TEST(DrawFrom, HasTheMeanAndSpreadOfTheDistribution) {
  base::Random random(7, base::Id128{1, 2}, "test", "draws");
  for (int round = 0; round < 300; ++round) {
    const double mean = base::Exp(-7 * random.Uniform());
    const double evidence = base::Exp(3 + 9 * random.Uniform());
    const double alpha = std::max(0.1, mean * evidence);
    const double beta = (1 - mean) * evidence + 0.5;
    const QuantileTable table = TableOf(alpha, beta);
    double sum = 0;
    double squares = 0;
    constexpr int kDraws = 20'000;
    for (int i = 0; i < kDraws; ++i) {
      const double draw = DrawFrom(table, (i + 0.5) / kDraws);
      sum += draw;
      squares += draw * draw;
    }
    const double expected = alpha / (alpha + beta);
    const double variance = expected * (1 - expected) / (alpha + beta + 1);
    EXPECT_NEAR(sum / kDraws, expected, 0.001 * expected) << alpha << " " << beta;
    const double drawn = sum / kDraws;
    EXPECT_NEAR(squares / kDraws - drawn * drawn, variance, 0.06 * variance)
        << alpha << " " << beta;
  }
}

}  // namespace
}  // namespace batuta::learn

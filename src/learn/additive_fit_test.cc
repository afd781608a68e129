#include "learn/additive_fit.h"

#include <gtest/gtest.h>

#include "base/ids.h"
#include "base/math.h"
#include "base/random.h"

namespace batuta::learn {
namespace {

// Two predictors of two values each; one adds `first` to the log odds of -1, the other `second`.
// The second has the value of the first in nine of ten examples.
struct World {
  std::vector<FitColumn> columns{2};
  Bin all;

  World(double first, double second, int examples, int sampled) {
    base::Random random(3, base::Id128{}, "test", "fit");
    for (FitColumn& column : columns) {
      column.bins.resize(2);
      column.effects.resize(2);
    }
    for (int i = 0; i < examples; ++i) {
      const size_t a = random.Below(2);
      const size_t b = random.Below(10) < 9 ? a : 1 - a;
      const double odds = -1 + (a == 1 ? first : 0) + (b == 1 ? second : 0);
      const bool positive = random.Uniform() < 1 / (1 + base::Exp(-odds));
      Add(columns[0], a, positive, i < sampled);
      Add(columns[1], b, positive, i < sampled);
      ++(positive ? all.positives : all.negatives);
    }
  }
  static void Add(FitColumn& column, size_t bin, bool positive, bool is_sampled) {
    ++(positive ? column.bins[bin].positives : column.bins[bin].negatives);
    if (is_sampled) column.sampled.push_back(static_cast<int>(bin));
  }
  double Difference(size_t column) const {
    return columns[column].effects[1] - columns[column].effects[0];
  }
};

TEST(FitAdditive, TellsWhoseTheEffectIs) {
  World world(2, 0, 20'000, 1'000);
  FitAdditive(absl::MakeSpan(world.columns), world.all);
  EXPECT_NEAR(world.Difference(0), 2, 0.2);
  EXPECT_NEAR(world.Difference(1), 0, 0.2) << "it only goes with the other";
}

TEST(FitAdditive, EffectsAddUpToWhatWasCounted) {
  World world(1, 1, 20'000, 1'000);
  const double base = FitAdditive(absl::MakeSpan(world.columns), world.all);
  const double both = base + world.columns[0].effects[1] + world.columns[1].effects[1];
  EXPECT_NEAR(both, 1, 0.15);
  const double none = base + world.columns[0].effects[0] + world.columns[1].effects[0];
  EXPECT_NEAR(none, -1, 0.15);
}

TEST(FitAdditive, LittleEvidenceIsDrawnTowardsNothing) {
  World world(0, 0, 1'000, 1'000);
  world.columns.resize(1);
  world.columns[0].bins = {{0, 3}, {100, 897}};
  FitAdditive(absl::MakeSpan(world.columns), {100, 900});
  EXPECT_LT(world.columns[0].effects[0], 0);
  EXPECT_GT(world.columns[0].effects[0], -0.6);
}

TEST(FitAdditive, WithoutASampleNothingMoves) {
  std::vector<FitColumn> columns(1);
  columns[0].bins = {{1, 9}, {9, 1}};
  columns[0].effects = {-1, 1};
  EXPECT_EQ(FitAdditive(absl::MakeSpan(columns), {10, 10}), 0);
  EXPECT_EQ(columns[0].effects, (std::vector<double>{-1, 1}));
  EXPECT_EQ(FitAdditive({}, {10, 10}), 0);
}

TEST(FitAdditive, WhatNeverOccursHasNoEffectWithoutLimit) {
  World world(0, 0, 1'000, 1'000);
  for (FitColumn& column : world.columns) column.bins = {{0, 500}, {0, 500}};
  const double base = FitAdditive(absl::MakeSpan(world.columns), {0, 1'000});
  EXPECT_LT(base, -5);
  for (const FitColumn& column : world.columns) {
    for (const double effect : column.effects) EXPECT_NEAR(effect, 0, 1);
  }
}

}  // namespace
}  // namespace batuta::learn

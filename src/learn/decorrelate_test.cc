#include "learn/decorrelate.h"

#include <gtest/gtest.h>

#include "base/ids.h"
#include "base/random.h"

namespace batuta::learn {
namespace {

std::vector<double> Noise(uint64_t seed, size_t count = 4'000) {
  base::Random random(seed, base::Id128{}, "test", "noise");
  std::vector<double> values(count);
  for (double& value : values) value = random.Uniform() - 0.5;
  return values;
}

Contributor Alone(std::vector<double> sampled) {
  return {.sampled = std::move(sampled), .variance = 0.25, .distance = 0.25};
}

TEST(Correlation, IsPearsons) {
  EXPECT_DOUBLE_EQ(Correlation(std::vector<double>{1, 2, 3}, std::vector<double>{2, 4, 6}), 1);
  EXPECT_DOUBLE_EQ(Correlation(std::vector<double>{1, 2, 3}, std::vector<double>{3, 2, 1}), -1);
  EXPECT_NEAR(Correlation(std::vector<double>{1, 2, 3, 4}, std::vector<double>{1, 3, 2, 4}), 0.8,
              1e-12);
  EXPECT_EQ(Correlation(std::vector<double>{1, 2, 3}, std::vector<double>{5, 5, 5}), 0);
}

TEST(Decorrelate, WhatIsIndependentKeepsItsWeight) {
  for (const double weight : Decorrelate({Alone(Noise(1)), Alone(Noise(2)), Alone(Noise(3))})) {
    EXPECT_NEAR(weight, 1, 0.06);
  }
}

TEST(Decorrelate, WhatRepeatsIsSharedOut) {
  const auto weights = Decorrelate({Alone(Noise(1)), Alone(Noise(1)), Alone(Noise(3))});
  EXPECT_NEAR(weights[0], 1 / 1.9, 0.03);
  EXPECT_NEAR(weights[1], weights[0], 1e-12);
  EXPECT_NEAR(weights[2], 1, 0.06);
}

TEST(Decorrelate, WithoutASampleAllCount) {
  for (const double weight : Decorrelate({Alone(Noise(1, 49)), Alone(Noise(1, 49))})) {
    EXPECT_EQ(weight, 1);
  }
  EXPECT_TRUE(Decorrelate({}).empty());
}

TEST(Decorrelate, ManyThatRepeatAreNoTrouble) {
  std::vector<Contributor> same(100, Alone(Noise(1, 256)));
  for (const double weight : Decorrelate(same)) EXPECT_NEAR(weight, 1 / (0.1 + 100 * 0.9), 1e-6);
}

}  // namespace
}  // namespace batuta::learn

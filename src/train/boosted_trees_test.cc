#include "train/boosted_trees.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "base/random.h"

namespace batuta::train {
namespace {

using testing::HasSubstr;

// Yes when the first two are on the same side; the third is noise. One in eight values is missing.
Examples Drawn(uint64_t seed, size_t rows) {
  base::Random dice(seed, {}, "examples", "drawn");
  Examples examples{.features = {"a", "b", "noise"}};
  for (size_t i = 0; i < rows; ++i) {
    std::vector<float> row(3);
    for (float& value : row) value = static_cast<float>(dice.Uniform() - 0.5);
    const bool label = (row[0] > 0) == (row[1] > 0);
    for (float& value : row) {
      if (dice.Below(8) == 0) value = NAN;
    }
    examples.Add(row, label);
  }
  return examples;
}

TEST(BoostedTrees, FindWhatMattersTogetherAndAreServedAsTheLibraryAnswers) {
  const Examples examples = Drawn(1, 4000);
  const auto model = TrainTrees(examples, {.rounds = 60});
  ASSERT_TRUE(model.ok()) << model.status();
  const auto forest = learn::Forest::FromXgboost(*model);
  ASSERT_TRUE(forest.ok()) << forest.status();
  EXPECT_EQ(forest->features(), examples.features);
  EXPECT_EQ(forest->tree_count(), 60u);
  const Examples others = Drawn(2, 4000);
  EXPECT_GT(AucOf(*forest, others), 0.85);
  EXPECT_EQ(DistanceFromLibrary(*model, *forest, others).value(), 0);
}

TEST(BoostedTrees, TheSameExamplesGiveTheSameBytes) {
  const Examples examples = Drawn(3, 500);
  const BoostingSettings settings{.rounds = 5};
  const std::string model = TrainTrees(examples, settings).value();
  EXPECT_EQ(TrainTrees(examples, settings).value(), model);
  BoostingSettings other = settings;
  other.seed = 2;
  EXPECT_NE(TrainTrees(examples, other).value(), model);
}

TEST(BoostedTrees, AnotherModelIsTold) {
  const Examples examples = Drawn(4, 500);
  const std::string model = TrainTrees(examples, {.rounds = 5}).value();
  const std::string other = TrainTrees(examples, {.rounds = 6}).value();
  const auto forest = learn::Forest::FromXgboost(other);
  ASSERT_TRUE(forest.ok());
  EXPECT_GT(DistanceFromLibrary(model, *forest, examples).value(), 0);
}

TEST(BoostedTrees, WhatCannotBeLearnedIsToldWhy) {
  Examples alike{.features = {"a"}};
  for (int i = 0; i < 10; ++i) alike.Add({1.0F}, true);
  EXPECT_THAT(TrainTrees(alike, {}).status().message(),
              HasSubstr("10 of 10 examples are positive"));
  EXPECT_THAT(TrainTrees({}, {}).status().message(), HasSubstr("no features"));
  const Examples examples = Drawn(5, 100);
  EXPECT_THAT(TrainTrees(examples, {.rounds = 0}).status().message(), HasSubstr("from 1 to 5000"));
  EXPECT_THAT(TrainTrees(examples, {.depth = 13}).status().message(), HasSubstr("from 1 to 12"));
  EXPECT_FALSE(TrainTrees(examples, {.learning_rate = NAN}).ok());
  EXPECT_FALSE(TrainTrees(examples, {.row_share = 0}).ok());
  EXPECT_FALSE(TrainTrees(examples, {.least_weight = -1}).ok());
}

TEST(BoostedTrees, AnAreaOfHalfIsNoKnowledge) {
  const Examples examples = Drawn(6, 200);
  const auto forest =
      learn::Forest::FromXgboost(TrainTrees(examples, {.rounds = 1, .least_weight = 1e6}).value());
  EXPECT_EQ(AucOf(*forest, examples), 0.5);
}

}  // namespace
}  // namespace batuta::train

#include "learn/forest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "base/text.h"

namespace batuta::learn {
namespace {

using testing::HasSubstr;

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

// age < 30 ? -0.5 : (spend < 100 ? 0.25 : 0.75); a missing age goes right, a missing spend left.
constexpr std::string_view kTree = R"({
  "tree_param": {"num_nodes": "5", "num_feature": "2", "size_leaf_vector": "1"},
  "left_children": [1, -1, 3, -1, -1], "right_children": [2, -1, 4, -1, -1],
  "split_indices": [0, 0, 1, 0, 0], "split_conditions": [30, -0.5, 100, 0.25, 0.75],
  "default_left": [0, 0, 1, 0, 0], "split_type": [0, 0, 0, 0, 0],
  "sum_hessian": [40, 10, 30, 20, 10]})";

std::string Model(std::string_view trees = kTree, std::string_view base_score = "5E-1") {
  return base::StrCat(R"({"learner": {"feature_names": ["age", "spend"], "feature_types": [],
    "objective": {"name": "binary:logistic"}, "gradient_booster": {"name": "gbtree",
    "model": {"trees": [)",
                      trees, R"(]}}, "learner_model_param": {"base_score": ")", base_score,
                      R"(", "num_class": "0", "num_feature": "2", "num_target": "1"}}})");
}

std::string Replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string replaced(text);
  const size_t at = replaced.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return replaced.replace(at, from.size(), to);
}

Forest Read(const std::string& json) {
  auto forest = Forest::FromXgboost(json);
  EXPECT_TRUE(forest.ok()) << forest.status();
  return *std::move(forest);
}

std::string ErrorOf(const std::string& json) {
  return std::string(Forest::FromXgboost(json).status().message());
}

float MarginOf(const Forest& forest, float age, float spend) {
  const float values[] = {age, spend};
  return forest.Margin(values);
}

TEST(Forest, BelowTheConditionGoesLeftAndMissingWhereTheSplitSays) {
  const Forest forest = Read(Model());
  EXPECT_EQ(forest.features(), (std::vector<std::string>{"age", "spend"}));
  EXPECT_EQ(MarginOf(forest, 29, 0), -0.5F);
  EXPECT_EQ(MarginOf(forest, 30, 99), 0.25F);
  EXPECT_EQ(MarginOf(forest, 30, 100), 0.75F);
  EXPECT_EQ(MarginOf(forest, kMissing, 100), 0.75F);
  EXPECT_EQ(MarginOf(forest, 50, kMissing), 0.25F);
}

TEST(Forest, NumbersAreComparedAsTheLibraryDoes) {
  // 0.1 is another number as a float than as a double.
  const Forest forest = Read(Model(Replaced(kTree, "[30, -0.5", "[0.1, -0.5")));
  EXPECT_EQ(MarginOf(forest, 0.1F, 0), 0.25F);
  EXPECT_EQ(MarginOf(forest, std::nextafter(0.1F, 0.0F), 0), -0.5F);
}

TEST(Forest, TreesAddUpOnTheBaseScore) {
  const Forest forest = Read(Model(base::StrCat(kTree, ",", kTree), "2E-1"));
  EXPECT_FLOAT_EQ(MarginOf(forest, 40, 200), 1.5F + std::log(0.25F));
  const float values[] = {40, 200};
  EXPECT_FLOAT_EQ(forest.Probability(values), 1 / (1 + std::exp(-MarginOf(forest, 40, 200))));
  EXPECT_EQ(MarginOf(Read(Model(kTree, "[2E-1]")), 1, 1),
            MarginOf(Read(Model(kTree, "2E-1")), 1, 1));
}

TEST(Forest, ContributionsAndTheMeanAddUpToTheMargin) {
  const Forest forest = Read(Model(kTree, "3E-1"));
  for (const float age : {20.0F, 40.0F, kMissing}) {
    const float values[] = {age, 150};
    const std::vector<double> contributions = forest.Contributions(values);
    EXPECT_NEAR(forest.mean() + contributions[0] + contributions[1], double{forest.Margin(values)},
                1e-6);
  }
  // The mean of the leaves by cover: -0.5 * 10/40 + (0.25 * 2/3 + 0.75 / 3) * 30/40.
  const float young[] = {20, 150};
  EXPECT_NEAR(forest.Contributions(young)[0], -0.5 - 0.1875, 1e-12);
  EXPECT_EQ(forest.Contributions(young)[1], 0);
}

TEST(Forest, WhatIsNotServedIsRefusedWithTheReason) {
  const auto changed = [](std::string_view from, std::string_view to) {
    return ErrorOf(Replaced(Model(), from, to));
  };
  EXPECT_THAT(ErrorOf("nonsense"), HasSubstr("not a model of XGBoost's JSON format"));
  EXPECT_THAT(ErrorOf("[]"), HasSubstr("it is no object"));
  EXPECT_THAT(ErrorOf("{}"), HasSubstr("learner is missing"));
  EXPECT_THAT(changed("binary:logistic", "reg:squarederror"),
              HasSubstr("its objective is \"reg:squarederror\"; binary:logistic is served"));
  EXPECT_THAT(changed("gbtree", "dart"), HasSubstr("its booster is \"dart\"; gbtree is served"));
  EXPECT_THAT(changed("\"num_target\": \"1\"", "\"num_target\": \"3\""),
              HasSubstr("several outputs"));
  EXPECT_THAT(
      changed("\"num_feature\": \"2\", \"num_target\"", "\"num_feature\": \"3\", \"num_target\""),
      HasSubstr("it has 3 features and names 2"));
  EXPECT_THAT(changed("5E-1", "1"), HasSubstr("base_score must be between 0 and 1"));
  EXPECT_THAT(changed("\"split_type\": [0,", "\"split_type\": [1,"),
              HasSubstr("tree 0: it splits by categories"));
  EXPECT_THAT(ErrorOf(Model("")), HasSubstr("from 1 to 10000 trees, but has 0"));
}

TEST(Forest, ADamagedTreeIsRefusedWithItsPlace) {
  const auto changed = [](std::string_view from, std::string_view to) {
    return ErrorOf(Model(base::StrCat(kTree, ",", Replaced(kTree, from, to))));
  };
  EXPECT_THAT(changed("[1, -1, 3, -1, -1]", "[1, -1, 3, -1]"),
              HasSubstr("tree 1: left_children must have 5 numbers"));
  EXPECT_THAT(changed("[1, -1, 3, -1, -1]", "[1, -1, 9, -1, -1]"),
              HasSubstr("tree 1: there is no node 9"));
  EXPECT_THAT(changed("[2, -1, 4, -1, -1]", "[1, -1, 4, -1, -1]"),
              HasSubstr("tree 1: two ways lead to node 1"));
  EXPECT_THAT(changed("[2, -1, 4, -1, -1]", "[2, -1, 0, -1, -1]"),
              HasSubstr("tree 1: there is no node 0"));
  EXPECT_THAT(changed("[0, 0, 1, 0, 0]", "[0, 0, 2, 0, 0]"),
              HasSubstr("tree 1: there is no feature 2"));
  EXPECT_THAT(changed("[30, -0.5", "[\"30\", -0.5"),
              HasSubstr("tree 1: split_conditions must have numbers alone"));
  EXPECT_THAT(changed("[30, -0.5", "[1e300, -0.5"),
              HasSubstr("tree 1: split_conditions must be finite"));
  EXPECT_THAT(changed("\"num_nodes\": \"5\"", "\"num_nodes\": \"x\""),
              HasSubstr("num_nodes must be from 1 to"));
}

}  // namespace
}  // namespace batuta::learn

#include "learn/forest_models.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "base/text.h"
#include "learn/predictor_code.h"

namespace batuta::learn {
namespace {

using testing::HasSubstr;

// One split: below 30 the leaf on the left.
std::string Stump(std::string_view names, std::string_view left, std::string_view right) {
  return base::StrCat(R"({"learner": {"feature_names": )", names, R"(,
    "objective": {"name": "binary:logistic"}, "gradient_booster": {"name": "gbtree", "model":
    {"trees": [{"tree_param": {"num_nodes": "3"}, "left_children": [1, -1, -1],
    "right_children": [2, -1, -1], "split_indices": [1, 0, 0], "split_conditions": [30, )",
                      left, ", ", right, R"(], "default_left": [0, 0, 0],
    "sum_hessian": [2, 1, 1]}]}}, "learner_model_param": {"base_score": "5E-1", "num_class": "0",
    "num_feature": "2", "num_target": "1"}}})");
}

const std::vector<std::string> kPredictors = {"age", "visits"};

PredictorValues Values(float age, float visits) {
  PredictorValues values;
  values.set_model("clicks");
  for (const std::string& name : kPredictors) values.add_keys(PredictorKey(name));
  for (const float number : {age, visits}) {
    values.add_codes(NumberCode(double{number}));
    values.add_numbers(number);
  }
  return values;
}

TEST(ForestModels, FeaturesAreFoundByTheirNames) {
  Forests forests;
  ASSERT_TRUE(forests.Add("", Stump(R"(["visits", "age"])", "-1", "1"), kPredictors).ok());
  const Models models;
  const ForestModels view(models, &forests);
  const Opinion young = view.Judge("card", "home", Values(20, 50));
  const Opinion old = view.Judge("card", "home", Values(40, 10));
  EXPECT_NEAR(young.belief.Mean(), 0.268941, 1e-6);
  EXPECT_NEAR(old.belief.Mean(), 0.731059, 1e-6);
  EXPECT_EQ(old.score, 1);
  EXPECT_EQ(old.maturity, 1);
  EXPECT_EQ(old.thousandths, (std::vector<int32_t>{1000, 0}));
  // The evidence is the Beta model's.
  EXPECT_NEAR(old.belief.alpha + old.belief.beta, 20, 1e-9);
}

TEST(ForestModels, WithoutNamesFeaturesAreInOrder) {
  Forests forests;
  ASSERT_TRUE(forests.Add("", Stump("[]", "-1", "1"), kPredictors).ok());
  const Models models;
  EXPECT_EQ(ForestModels(models, &forests).Judge("card", "home", Values(20, 50)).score, 1);
}

TEST(ForestModels, OtherValuesAreForTheLearnedModel) {
  Forests forests;
  ASSERT_TRUE(forests.Add("", Stump("[]", "-1", "1"), kPredictors).ok());
  const Models models;
  const ForestModels view(models, &forests);
  PredictorValues before = Values(20, 50);  // it had no trees
  before.clear_numbers();
  EXPECT_FALSE(view.Judge("card", "home", before).is_adaptive);
  PredictorValues fewer = Values(20, 50);  // it had another predictor
  fewer.mutable_keys()->RemoveLast();
  fewer.mutable_codes()->RemoveLast();
  fewer.mutable_numbers()->RemoveLast();
  EXPECT_FALSE(view.Judge("card", "home", fewer).is_adaptive);
  EXPECT_FALSE(view.Judge("card", "home", PredictorValues()).is_adaptive);
}

TEST(ForestModels, AnActionMayHaveItsOwn) {
  Forests forests;
  ASSERT_TRUE(forests.Add("card", Stump("[]", "-2", "2"), kPredictors).ok());
  const Models models;
  const ForestModels view(models, &forests);
  EXPECT_EQ(view.Judge("card", "home", Values(20, 50)).score, 2);
  const Opinion other = view.Judge("loan", "home", Values(20, 50));
  EXPECT_FALSE(other.is_adaptive);
  EXPECT_NEAR(other.belief.Mean(), 0.05, 1e-9);
  ASSERT_TRUE(forests.Add("", Stump("[]", "-1", "1"), kPredictors).ok());
  EXPECT_EQ(view.Judge("loan", "home", Values(20, 50)).score, 1);
}

TEST(ForestModels, ABeliefIsNeverCertain) {
  Forests forests;
  ASSERT_TRUE(forests.Add("", Stump("[]", "-500", "500"), kPredictors).ok());
  const Models models;
  const ForestModels view(models, &forests);
  EXPECT_GT(view.Judge("card", "home", Values(1, 1)).belief.alpha, 0);
  EXPECT_GT(view.Judge("card", "home", Values(1, 99)).belief.beta, 0);
}

TEST(ForestModels, OtherFeaturesAreRefused) {
  Forests forests;
  const auto error = [&](std::string_view names, const std::vector<std::string>& predictors) {
    return std::string(forests.Add("", Stump(names, "-1", "1"), predictors).message());
  };
  EXPECT_THAT(error(R"(["visit", "age"])", kPredictors),
              HasSubstr("it reads a feature \"visit\", and there is no predictor of this name; did "
                        "you mean visits?"));
  EXPECT_THAT(error("[]", {"age"}), HasSubstr("it reads 2 features, and there are 1 predictors"));
  EXPECT_THAT(std::string(forests.Add("", "{", kPredictors).message()),
              HasSubstr("not a model of XGBoost's JSON format"));
}

}  // namespace
}  // namespace batuta::learn

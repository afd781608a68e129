#include "experiment/target_policy.h"

#include <gmock/gmock.h>

#include "base/math.h"
#include "base/text.h"
#include "base/value.h"

namespace batuta::experiment {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;

ActionTable Three() {
  std::vector<CsvProblem> problems;
  ActionTable actions = ReadActions("name,value,plan\na,1,gold\nb,2,\nc,2,gold\n", "", problems);
  EXPECT_TRUE(problems.empty());
  return actions;
}

std::vector<double> Asked(const PolicySpec& spec, const base::Fields& context = {}) {
  const ActionTable actions = Three();
  auto policy = TargetPolicy::Make(spec, actions);
  EXPECT_TRUE(policy.ok()) << policy.status();
  return (*policy)->Probabilities(context);
}

TEST(TargetPolicy, MakesProbabilitiesOfScores) {
  const double e = base::Exp(1);
  const auto near = [](double p) { return DoubleNear(p, 1e-15); };
  EXPECT_THAT(Asked({.score = "action.value"}),
              ElementsAre(near(1 / (1 + 2 * e)), near(e / (1 + 2 * e)), near(e / (1 + 2 * e))));
  EXPECT_THAT(Asked({.score = "action.value - 1.0", .choice = Choice::kWeights}),
              ElementsAre(0, 0.5, 0.5));
  EXPECT_THAT(Asked({.score = "action.value", .choice = Choice::kGreedy}),
              ElementsAre(0, 0.5, 0.5));
  EXPECT_THAT(Asked({.score = "action.name == 'a'", .choice = Choice::kGreedy, .floor = 0.1}),
              ElementsAre(near(0.8), near(0.1), near(0.1)));
  EXPECT_THAT(Asked({.score = "0.0", .choice = Choice::kWeights}), ElementsAre(0, 0, 0));
}

TEST(TargetPolicy, WhatFailsTakesNoPart) {
  EXPECT_THAT(Asked({.score = "action.plan == 'gold' ? 0 : 5", .floor = 0.5}),
              ElementsAre(0.5, 0, 0.5));
}

TEST(TargetPolicy, ReadsTheDecisionsContext) {
  const ActionTable actions = Three();
  const auto policy = TargetPolicy::Make(
      {.score = "action.name == context.wish", .choice = Choice::kWeights}, actions);
  ASSERT_TRUE(policy.ok());
  base::Fields context;
  for (const auto& [wish, expected] : {std::pair("b", 1), std::pair("c", 2)}) {
    base::SetField(context, "wish", base::TextValue(wish));
    const std::vector<double>& chosen = (*policy)->Probabilities(context);
    for (int a = 0; a < 3; ++a) {
      EXPECT_EQ(chosen[static_cast<size_t>(a)], a == expected ? 1 : 0) << wish;
    }
  }
}

TEST(TargetPolicy, SaysWhatIsWrong) {
  const ActionTable actions = Three();
  const auto told = [&](const PolicySpec& spec) {
    return std::string(TargetPolicy::Make(spec, actions).status().message());
  };
  EXPECT_THAT(told({.score = "acton.value"}), HasSubstr("1:1: there is no variable `acton`"));
  EXPECT_THAT(told({.score = "action.value", .floor = 2}), HasSubstr("from 0 to 1"));
  EXPECT_FALSE(ParseChoice("soft").ok());
}

}  // namespace
}  // namespace batuta::experiment

#include "learn/adaptive_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "base/ids.h"
#include "base/random.h"
#include "learn/cells.h"
#include "learn/era_counts.h"
#include "learn/predictor_code.h"

namespace batuta::learn {
namespace {

constexpr base::Time kNow{base::Days(20'000).micros};
const std::vector<std::string> kDeclared = {"age", "plan"};

AdaptiveState Empty() {
  AdaptiveState state;
  state.set_model("clicks");
  state.set_action("card");
  state.set_placement("home");
  state.set_half_life(base::Days(180).micros);
  return state;
}

TrainingMessage Example(uint64_t number, double age, const std::string& plan, bool positive) {
  TrainingMessage message;
  message.set_action("card");
  message.set_placement("home");
  message.set_level(ACCEPTED_LEVEL);
  message.set_positive(positive);
  message.set_weight_micros(1'000'000);
  message.set_example_time((kNow - base::Days(static_cast<int64_t>(number % 900))).micros);
  message.set_decision(base::Id128{number, 5}.ToBytes());
  message.set_predicted(0.02 + 0.001 * static_cast<double>(number % 50));
  if (number % 3 != 0) message.set_score(0.1 * static_cast<double>(number % 40) - 2);
  PredictorValues& values = *message.mutable_values();
  values.set_model("clicks");
  values.add_keys(PredictorKey("age"));
  values.add_codes(NumberCode(age));
  values.add_keys(PredictorKey("plan"));
  values.add_codes(plan.empty() ? kMissingCode : SymbolCode(plan));
  if (plan.empty()) return message;
  SymbolText& text = *values.add_texts();
  text.set_code(SymbolCode(plan));
  text.set_text(plan);
  return message;
}

std::vector<TrainingMessage> RandomExamples(size_t count, uint64_t seed) {
  base::Random random(seed, base::Id128{}, "test", "examples");
  std::vector<TrainingMessage> examples;
  for (size_t i = 0; i < count; ++i) {
    const std::string plan = "plan" + std::to_string(random.Bits() % 7);
    examples.push_back(Example(seed * 1'000'000 + i, 18 + 60 * random.Uniform(),
                               random.Uniform() < 0.1 ? "" : plan, random.Uniform() < 0.2));
  }
  return examples;
}

AdaptiveState Taught(AdaptiveState state, const std::vector<TrainingMessage>& examples) {
  for (const TrainingMessage& example : examples) TrainAdaptive(state, example);
  return state;
}

const PredictorCounts& PredictorNamed(const AdaptiveState& state, std::string_view name) {
  for (const PredictorCounts& one : state.predictors()) {
    if (one.key() == PredictorKey(name)) return one;
  }
  ADD_FAILURE() << "no predictor " << name;
  return state.predictors(0);
}

// How many messages came has no part in what a model knows.
std::string Bytes(AdaptiveState state) {
  state.clear_taught();
  return state.SerializeAsString();
}

int SizeOf(const Cells& cells) {
  int size = 0;
  ForEachCell(cells, [&](uint64_t, EraCounts) { ++size; });
  return size;
}

TEST(AdaptiveModel, TheOrderOfExamplesHasNoPart) {
  std::vector<TrainingMessage> examples = RandomExamples(700, 1);
  const std::string bytes = Bytes(Taught(Empty(), examples));
  std::reverse(examples.begin(), examples.end());
  EXPECT_EQ(Bytes(Taught(Empty(), examples)), bytes);
  std::sort(examples.begin(), examples.end(),
            [](const auto& a, const auto& b) { return a.values().codes(0) < b.values().codes(0); });
  EXPECT_EQ(Bytes(Taught(Empty(), examples)), bytes);
}

TEST(AdaptiveModel, AnExampleTakenAwayLeavesNoTrace) {
  const std::vector<TrainingMessage> kept = RandomExamples(60, 1);
  std::vector<TrainingMessage> gone = RandomExamples(40, 2);
  gone.push_back(Example(99, 33, "only this one", true));
  AdaptiveState state = Taught(Taught(Empty(), kept), gone);
  EXPECT_NE(Bytes(state), Bytes(Taught(Empty(), kept)));
  for (TrainingMessage& example : gone) example.set_forget(true);
  EXPECT_EQ(Bytes(Taught(state, gone)), Bytes(Taught(Empty(), kept)));
}

TEST(AdaptiveModel, AnExampleTakenAwayFromSettledBinsLeavesNoTrace) {
  AdaptiveState settled = Taught(Empty(), RandomExamples(2'500, 1));
  Settle(settled, kDeclared, kNow);
  ASSERT_FALSE(PredictorNamed(settled, "age").bounds().empty());
  std::vector<TrainingMessage> gone;
  for (TrainingMessage& example : RandomExamples(200, 2)) {
    // A name that the sample does not pick: it is full, and who comes makes others leave.
    AdaptiveState tried = settled;
    TrainAdaptive(tried, example);
    if (tried.sample_size() == settled.sample_size()) gone.push_back(example);
  }
  gone.push_back(Example(99, 1e6, "a plan that came late", true));
  ASSERT_GT(gone.size(), 50u);
  AdaptiveState state = Taught(settled, gone);
  for (TrainingMessage& example : gone) example.set_forget(true);
  EXPECT_EQ(Bytes(Taught(state, gone)), Bytes(settled));
}

TEST(AdaptiveModel, WhatIsTakenAwayMayComeFirst) {
  TrainingMessage teach = Example(1, 30, "gold", true);
  TrainingMessage forget = teach;
  forget.set_forget(true);
  const AdaptiveState state = Taught(Empty(), {forget, teach});
  // What is left names the predictors, and counts nothing.
  EXPECT_FALSE(state.has_counts());
  EXPECT_FALSE(state.has_scores());
  EXPECT_FALSE(state.has_predictions());
  EXPECT_TRUE(state.sample().empty());
  for (const PredictorCounts& predictor : state.predictors()) {
    EXPECT_FALSE(predictor.has_cells());
    EXPECT_TRUE(predictor.texts().empty());
  }
}

TEST(AdaptiveModel, ALaterLabelReplacesTheFirst) {
  const TrainingMessage ignored = Example(1, 30, "gold", false);
  TrainingMessage accepted = Example(1, 30, "gold", true);
  const AdaptiveState right = Taught(Empty(), {accepted});
  accepted.set_replaces(true);
  EXPECT_EQ(Bytes(Taught(Empty(), {ignored, accepted})), Bytes(right));
}

TEST(AdaptiveModel, MicroBinsOfNumbersSettleOnceThereAreTooMany) {
  AdaptiveState few = Taught(Empty(), RandomExamples(200, 1));
  Settle(few, kDeclared, kNow);
  EXPECT_TRUE(PredictorNamed(few, "age").bounds().empty());
  AdaptiveState many = Taught(Empty(), RandomExamples(4'000, 1));
  const Bin before = Worth(many.counts(), EraClock({many.half_life()}), kNow);
  Settle(many, kDeclared, kNow);
  const PredictorCounts& age = PredictorNamed(many, "age");
  EXPECT_FALSE(age.bounds().empty());
  EXPECT_LE(SizeOf(age.cells()), 110);
  EXPECT_GE(SizeOf(age.cells()), 80);
  Bin sum;
  ForEachCell(age.cells(), [&](uint64_t, EraCounts counts) {
    const Bin bin = Worth(counts, EraClock({many.half_life()}), kNow);
    sum.positives += bin.positives;
    sum.negatives += bin.negatives;
  });
  EXPECT_NEAR(sum.positives, before.positives, 1e-6);
  EXPECT_NEAR(sum.negatives, before.negatives, 1e-6);
}

TEST(AdaptiveModel, ANumberOfItsOwnWeightHasAMicroBinOfItsOwn) {
  AdaptiveState state = Empty();
  for (uint64_t i = 0; i < 3'000; ++i) {
    const double age = i % 4 == 0 ? 999 : static_cast<double>(i % 700);
    TrainAdaptive(state, Example(i, age, "gold", false));
  }
  Settle(state, kDeclared, kNow);
  const auto& bounds = PredictorNamed(state, "age").bounds();
  EXPECT_TRUE(std::binary_search(bounds.begin(), bounds.end(), OrderOf(NumberCode(999))));
}

TEST(AdaptiveModel, NumbersNeverSeenBeforeAreToldApartByPowersOfTwo) {
  AdaptiveState state = Taught(Empty(), RandomExamples(2'000, 1));
  Settle(state, kDeclared, kNow);
  const int before = SizeOf(PredictorNamed(state, "age").cells());
  for (const double age : {-40.0, -10.0, 200.0, 500.0, 1e6}) {
    TrainAdaptive(state, Example(90'000 + static_cast<uint64_t>(age + 50), age, "gold", false));
  }
  EXPECT_EQ(SizeOf(PredictorNamed(state, "age").cells()), before + 5);
}

TEST(AdaptiveModel, OnlyFrequentSymbolsKeepMicroBins) {
  AdaptiveState state = Empty();
  for (uint64_t i = 0; i < 3'000; ++i) {
    const uint64_t plan = i % 2 == 0 ? i % 10 : i;
    TrainAdaptive(state, Example(i, 30, "plan" + std::to_string(plan), false));
  }
  Settle(state, kDeclared, kNow);
  const PredictorCounts& plans = PredictorNamed(state, "plan");
  EXPECT_EQ(plans.symbols_size(), 200);
  EXPECT_EQ(plans.texts_size(), 200);
  EXPECT_EQ(plans.cells().codes(0), kRemainingCode);
  EXPECT_EQ(SizeOf(plans.cells()), 201);
}

TEST(AdaptiveModel, SymbolsThatComeLateHaveMicroBinsWhileThereAreFew) {
  AdaptiveState state = Taught(Empty(), RandomExamples(2'000, 1));
  Settle(state, kDeclared, kNow);
  const int before = SizeOf(PredictorNamed(state, "plan").cells());
  TrainAdaptive(state, Example(90'000, 30, "a new plan", true));
  EXPECT_EQ(SizeOf(PredictorNamed(state, "plan").cells()), before + 1);
}

TEST(AdaptiveModel, PredictorsComeAndGoWithTheDeclaration) {
  AdaptiveState state = Taught(Empty(), RandomExamples(100, 1));
  TrainingMessage wider = Example(7'777, 30, "gold", true);
  wider.mutable_values()->add_keys(PredictorKey("city"));
  wider.mutable_values()->add_codes(SymbolCode("Lima"));
  TrainAdaptive(state, wider);
  ASSERT_EQ(state.predictors_size(), 3);
  for (const SampledExample& one : state.sample()) EXPECT_EQ(one.codes_size(), 3);
  Settle(state, {"city"}, kNow);
  ASSERT_EQ(state.predictors_size(), 1);
  EXPECT_EQ(state.predictors(0).key(), PredictorKey("city"));
  for (const SampledExample& one : state.sample()) EXPECT_EQ(one.codes_size(), 1);
}

TEST(AdaptiveModel, TheSampleStaysSmall) {
  const AdaptiveState state = Taught(Empty(), RandomExamples(5'000, 1));
  EXPECT_LE(state.sample_size(), 1024);
  EXPECT_GE(state.sample_size(), 400);
}

TEST(AdaptiveModel, OldExamplesAreDropped) {
  TrainingMessage old = Example(1, 30, "gold", true);
  old.set_example_time((kNow - base::Days(180 * 30)).micros);
  AdaptiveState state = Taught(Empty(), {old});
  Settle(state, kDeclared, kNow);
  EXPECT_TRUE(state.counts().codes().empty());
  for (const PredictorCounts& predictor : state.predictors()) {
    EXPECT_TRUE(predictor.cells().codes().empty());
    EXPECT_TRUE(predictor.texts().empty());
  }
}

TEST(Steps, AreBoundedAndRise) {
  EXPECT_EQ(ScoreStep(0), 0);
  EXPECT_EQ(ScoreStep(-0.01), -1);
  EXPECT_EQ(ScoreStep(1e9), 96);
  EXPECT_EQ(ScoreStep(-1e9), -96);
  for (double p = 1e-4; p < 1; p *= 1.1) {
    EXPECT_NEAR(ProbabilityOfStep(PredictionStep(p)) / p, 1, 0.017);
    EXPECT_LE(PredictionStep(p), PredictionStep(p * 1.1));
  }
}

TEST(AdaptiveModel, WhatActionsShareIsTaughtByAllOfThemAndTakenBackToTheByte) {
  std::vector<TrainingMessage> examples = RandomExamples(60, 5);
  for (size_t i = 0; i < examples.size(); ++i) {
    examples[i].set_action(i % 2 == 0 ? "card" : "loan");
    examples[i].mutable_values()->set_shared(true);
    EXPECT_EQ(InstanceOf(examples[i]), "");
  }
  AdaptiveState without = Empty();
  without.clear_action();
  AdaptiveState with = without;
  for (size_t i = 0; i < examples.size(); ++i) {
    TrainAdaptive(with, examples[i]);
    if (i % 3 != 0) TrainAdaptive(without, examples[i]);
  }
  EXPECT_NE(with.counts().positives(0), without.counts().positives(0));
  for (size_t i = 0; i < examples.size(); i += 3) {
    examples[i].set_forget(true);
    TrainAdaptive(with, examples[i]);
  }
  without.set_taught(with.taught());
  EXPECT_EQ(with.SerializeAsString(), without.SerializeAsString());
}

}  // namespace
}  // namespace batuta::learn

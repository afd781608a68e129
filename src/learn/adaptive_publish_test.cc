#include "learn/adaptive_publish.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/ids.h"
#include "base/math.h"
#include "base/random.h"
#include "learn/adaptive_model.h"
#include "learn/models.h"
#include "learn/predictor_code.h"

namespace batuta::learn {
namespace {

constexpr base::Time kNow{base::Days(20'000).micros};
const std::vector<std::string> kDeclared = {"age", "ageInMonths", "plan", "luck", "always"};

struct Person {
  double age;
  std::string plan;
  double luck;
};

Person RandomPerson(base::Random& random) {
  static const std::string kPlans[] = {"free", "silver", "gold"};
  return {18 + 60 * random.Uniform(), kPlans[random.Bits() % 3], random.Uniform()};
}

// The truth: the older, the likelier; and gold is likelier.
double TruthOf(const Person& person) {
  const double odds = -4 + person.age * 0.04 + (person.plan == "gold" ? 1.5 : 0);
  return 1 / (1 + base::Exp(-odds));
}

PredictorValues ValuesOf(const Person& person) {
  PredictorValues values;
  values.set_model("clicks");
  const auto add = [&](const std::string& name, uint64_t code) {
    values.add_keys(PredictorKey(name));
    values.add_codes(code);
  };
  add("age", NumberCode(person.age));
  add("ageInMonths", NumberCode(person.age * 12));
  add("plan", SymbolCode(person.plan));
  add("luck", NumberCode(person.luck));
  add("always", NumberCode(1));
  SymbolText& text = *values.add_texts();
  text.set_code(SymbolCode(person.plan));
  text.set_text(person.plan);
  return values;
}

// A model that predicts before it learns, as the hub does.
class World {
 public:
  World() {
    state_.set_model("clicks");
    state_.set_action("card");
    state_.set_placement("home");
    state_.set_half_life(base::Days(180).micros);
  }

  void Live(int people) {
    for (int i = 0; i < people; ++i) {
      const Person person = RandomPerson(random_);
      const Opinion opinion = models_.Judge("card", "home", ValuesOf(person));
      TrainingMessage message;
      message.set_action("card");
      message.set_placement("home");
      message.set_level(ACCEPTED_LEVEL);
      message.set_positive(random_.Uniform() < TruthOf(person));
      message.set_weight_micros(1'000'000);
      message.set_example_time(kNow.micros);
      message.set_decision(base::Id128{++number_, 1}.ToBytes());
      message.set_predicted(opinion.belief.Mean());
      if (opinion.is_adaptive) message.set_score(opinion.score);
      *message.mutable_values() = ValuesOf(person);
      TrainAdaptive(state_, message);
      if (IsWorthPublishing(state_)) Publish();
    }
    Publish();
  }

  void Publish() {
    Settle(state_, kDeclared, kNow);
    state_.set_published_at(state_.taught());
    PublishedModels update;
    update.set_version(++version_);
    *update.add_adaptive() = PublishAdaptive(state_, kDeclared, kNow);
    models_ = models_.With(update);
  }

  const PublishedAdaptive& model() const { return models_.adaptive().begin()->second->model(); }
  const Models& models() const { return models_; }
  base::Random& random() { return random_; }

 private:
  base::Random random_{11, base::Id128{}, "test", "world"};
  AdaptiveState state_;
  Models models_;
  uint64_t number_ = 0;
  uint64_t version_ = 0;
};

const PublishedPredictor& Predictor(const PublishedAdaptive& model, std::string_view name) {
  for (const PublishedPredictor& one : model.predictors()) {
    if (one.name() == name) return one;
  }
  ADD_FAILURE() << "no predictor " << name;
  return model.predictors(0);
}

TEST(AdaptivePublish, WhatTellsIsActiveAndWhatRepeatsFollows) {
  World world;
  world.Live(6'000);
  const PublishedAdaptive& model = world.model();
  const auto& age = Predictor(model, "age");
  const auto& months = Predictor(model, "ageInMonths");
  EXPECT_EQ(age.group(), months.group());
  EXPECT_NE(age.activity() == ACTIVE, months.activity() == ACTIVE);
  EXPECT_TRUE(age.activity() == FOLLOWS || months.activity() == FOLLOWS);
  EXPECT_EQ(age.leader(), months.leader());
  EXPECT_EQ(Predictor(model, "plan").activity(), ACTIVE);
  EXPECT_EQ(Predictor(model, "always").activity(), ONE_BIN);
  EXPECT_NE(Predictor(model, "luck").activity(), ACTIVE);
}

TEST(AdaptivePublish, SymbolsThatDifferHaveBinsOfTheirOwnAndTheirNames) {
  World world;
  world.Live(6'000);
  const auto& plan = Predictor(world.model(), "plan");
  ASSERT_EQ(plan.symbols_size(), 2);  // free and silver are the same
  EXPECT_EQ(plan.symbols(0).symbols_size(), 2);
  ASSERT_EQ(plan.symbols(1).symbols_size(), 1);
  EXPECT_EQ(plan.symbols(1).symbols(0).text(), "gold");
  EXPECT_GT(plan.symbols(1).contribution(), 0.5);
  EXPECT_TRUE(world.models().NamesSymbol("clicks", SymbolCode("gold")));
  EXPECT_FALSE(world.models().NamesSymbol("clicks", SymbolCode("tin")));
  EXPECT_FALSE(world.models().NamesSymbol("others", SymbolCode("gold")));
}

TEST(AdaptivePublish, PropensitiesAreCalibratedAndNearTheTruth) {
  World world;
  world.Live(20'000);
  EXPECT_EQ(world.model().maturity(), 1);
  double off = 0;
  double all = 0;
  constexpr int kPeople = 2'000;
  for (int i = 0; i < kPeople; ++i) {
    const Person person = RandomPerson(world.random());
    const double mean = world.models().Judge("card", "home", ValuesOf(person)).belief.Mean();
    const double error = mean - TruthOf(person);
    off += error < 0 ? -error : error;
    all += error;
  }
  EXPECT_LT(off / kPeople, 0.03);
  EXPECT_LT(all / kPeople, 0.01);
  EXPECT_GT(all / kPeople, -0.01);
  EXPECT_LT(world.model().calibration_error(), 0.02);
  EXPECT_GT(world.model().auc(), 0.70);
}

TEST(AdaptivePublish, ClassifierRises) {
  World world;
  world.Live(20'000);
  const auto& bins = world.model().classifier();
  ASSERT_GT(bins.size(), 5);
  for (int i = 1; i < bins.size(); ++i) {
    EXPECT_GE(bins[i].propensity(), bins[i - 1].propensity());
    EXPECT_GT(bins[i].centre(), bins[i - 1].centre());
    EXPECT_GE(bins[i].positives() + bins[i].negatives(), 190);
  }
}

TEST(AdaptivePublish, WithoutExamplesTheBetaModelIsBelieved) {
  const Opinion opinion = Models().Judge("card", "home", ValuesOf({30, "gold", 0.5}));
  EXPECT_FALSE(opinion.is_adaptive);
  EXPECT_DOUBLE_EQ(opinion.belief.Mean(), 0.05);
}

TEST(AdaptivePublish, AYoungModelIsBelievedByWhatItHasSeen) {
  World world;
  world.Live(90);
  const Opinion opinion = world.models().Judge("card", "home", ValuesOf({70, "gold", 0.5}));
  ASSERT_TRUE(opinion.is_adaptive);
  EXPECT_GT(opinion.maturity, 0);
  EXPECT_LT(opinion.maturity, 1);
  EXPECT_NEAR(opinion.belief.alpha + opinion.belief.beta, 20, 1e-9);
  EXPECT_NEAR(Mix({.alpha = 1, .beta = 19}, 0.45, 0.25).Mean(), 0.25 * 0.45 + 0.75 * 0.05, 1e-12);
  world.Live(400);
  EXPECT_LT(world.model().maturity(), 1) << "it is not mature";
  EXPECT_EQ(world.models().Judge("card", "home", ValuesOf({70, "gold", 0.5})).maturity, 1)
      << "and believed alone";
}

TEST(AdaptivePublish, ContributionsAddUpToTheScore) {
  World world;
  world.Live(6'000);
  const AdaptiveScorer scorer(world.model());
  const AdaptiveScore score = scorer.Score(ValuesOf({70, "gold", 0.5}));
  double sum = world.model().base_log_odds();
  int active = 0;
  for (int i = 0; i < world.model().predictors_size(); ++i) {
    sum += score.thousandths[static_cast<size_t>(i)] / 1000.0;
    const bool is_active = world.model().predictors(i).activity() == ACTIVE;
    EXPECT_TRUE(is_active || score.thousandths[static_cast<size_t>(i)] == 0);
    active += is_active ? 1 : 0;
  }
  const double rounded = 0.00051 * active;
  EXPECT_NEAR(score.log_odds, sum / (1 + active), rounded / (1 + active));
  EXPECT_NEAR(score.standardised, (sum - world.model().mean()) / world.model().spread(),
              rounded / world.model().spread());
}

TEST(AdaptivePublish, ValuesMayStandInAnotherOrderOrLack) {
  World world;
  world.Live(6'000);
  const AdaptiveScorer scorer(world.model());
  const PredictorValues values = ValuesOf({70, "gold", 0.5});
  PredictorValues turned = values;
  std::reverse(turned.mutable_keys()->begin(), turned.mutable_keys()->end());
  std::reverse(turned.mutable_codes()->begin(), turned.mutable_codes()->end());
  EXPECT_DOUBLE_EQ(scorer.Score(turned).log_odds, scorer.Score(values).log_odds);
  PredictorValues none;
  none.set_model("clicks");
  for (const int32_t one : scorer.Score(none).thousandths) EXPECT_EQ(one, 0);
}

TEST(AdaptivePublish, ManySymbolsThatSayNothingDoNotBecomeActive) {
  AdaptiveState state;
  state.set_model("clicks");
  state.set_action("card");
  state.set_placement("home");
  base::Random random(5, base::Id128{}, "test", "noise");
  for (uint64_t i = 0; i < 4'000; ++i) {
    TrainingMessage message;
    message.set_action("card");
    message.set_placement("home");
    message.set_level(ACCEPTED_LEVEL);
    message.set_positive(random.Uniform() < 0.05);
    message.set_weight_micros(1'000'000);
    message.set_example_time(kNow.micros);
    message.set_decision(base::Id128{i, 1}.ToBytes());
    message.mutable_values()->set_model("clicks");
    message.mutable_values()->add_keys(PredictorKey("code"));
    message.mutable_values()->add_codes(SymbolCode(std::to_string(random.Bits() % 1'500)));
    TrainAdaptive(state, message);
  }
  Settle(state, {"code"}, kNow);
  EXPECT_NE(PublishAdaptive(state, {"code"}, kNow).predictors(0).activity(), ACTIVE);
}

TEST(AdaptivePublish, VersionsAreMadeAsExamplesGrow) {
  AdaptiveState state;
  state.set_taught(19);
  EXPECT_FALSE(IsWorthPublishing(state));
  state.set_taught(20);
  EXPECT_TRUE(IsWorthPublishing(state));
  state.set_published_at(100'000);
  state.set_taught(101'000);
  EXPECT_FALSE(IsWorthPublishing(state));
  state.set_taught(102'100);
  EXPECT_TRUE(IsWorthPublishing(state));
}

TEST(AdaptivePublish, ModelsComeBackFromASnapshot) {
  World world;
  world.Live(1'000);
  const Models again = Models().With(world.models().All());
  EXPECT_EQ(again.All().SerializeAsString(), world.models().All().SerializeAsString());
}

}  // namespace
}  // namespace batuta::learn

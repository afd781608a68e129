#include "learn/models.h"

#include <gtest/gtest.h>

#include "learn/ftrl_features.h"

namespace batuta::learn {
namespace {

PublishedModel Model(std::string action, std::string placement, double alpha, uint64_t examples) {
  PublishedModel model;
  model.set_action(std::move(action));
  model.set_placement(std::move(placement));
  model.set_level(ACCEPTED_LEVEL);
  model.set_alpha(alpha);
  model.set_beta(10);
  model.set_examples(examples);
  return model;
}

PublishedModels Update(uint64_t version, std::vector<PublishedModel> models) {
  PublishedModels update;
  update.set_version(version);
  for (PublishedModel& model : models) {
    update.add_actions(model.action());
    *update.add_models() = std::move(model);
  }
  return update;
}

TEST(Models, UnknownActionHasTheColdStart) {
  const Models models;
  EXPECT_DOUBLE_EQ(models.Find("card", "home").Mean(), 0.05);
  EXPECT_EQ(models.version(), 0u);
}

TEST(Models, PlacementWithoutExamplesUsesTheActionsOwn) {
  const Models models =
      Models().With(Update(1, {Model("card", "", 3, 0), Model("card", "home", 7, 5)}));
  EXPECT_EQ(models.Find("card", "home").alpha, 7);
  EXPECT_EQ(models.Find("card", "app").alpha, 3);
}

TEST(Models, UpdateReplacesOnlyTheActionsItNames) {
  const Models first = Models().With(Update(
      1, {Model("card", "home", 7, 5), Model("card", "app", 8, 1), Model("loan", "home", 2, 2)}));
  const Models second = first.With(Update(2, {Model("card", "home", 9, 6)}));
  EXPECT_EQ(second.version(), 2u);
  EXPECT_EQ(second.Find("card", "home").alpha, 9);
  EXPECT_EQ(second.Find("card", "app").alpha, 1);
  EXPECT_EQ(second.Find("loan", "home").alpha, 2);
  EXPECT_EQ(first.Find("card", "home").alpha, 7);
}

TEST(Models, PlacementExamplesAreSummedOverActions) {
  const Models models = Models().With(Update(
      1, {Model("card", "", 3, 0), Model("card", "home", 7, 5), Model("loan", "home", 2, 2)}));
  EXPECT_EQ(models.PlacementExamples("home"), 7u);
  EXPECT_EQ(models.PlacementExamples("app"), 0u);
}

TEST(Models, ThePlacementsRateIsThatOfAllItsActions) {
  const Models models = Models().With(Update(
      1, {Model("card", "", 9, 0), Model("card", "home", 7, 5), Model("loan", "home", 2, 2)}));
  const Belief card = models.Find("card", "home");
  const Belief loan = models.Find("loan", "home");
  EXPECT_EQ(models.PlacementRate("home").alpha, card.alpha + loan.alpha);
  EXPECT_EQ(models.PlacementRate("home").beta, card.beta + loan.beta);
  EXPECT_EQ(models.PlacementRate("app").alpha, 0);
  EXPECT_EQ(models.PlacementRate("app").beta, 0);
}

TEST(Models, AllGivesTheSameVersionBack) {
  const Models models =
      Models().With(Update(4, {Model("card", "home", 7, 5), Model("loan", "home", 2, 2)}));
  const Models again = Models().With(models.All());
  EXPECT_EQ(again.All().SerializeAsString(), models.All().SerializeAsString());
  EXPECT_EQ(again.PlacementExamples("home"), 7u);
}

// A regression whose log odds are those for everybody.
PublishedAdaptive Regression(const std::string& action, double log_odds) {
  PublishedAdaptive model;
  model.set_model("clicks");
  model.set_action(action);
  model.set_placement("home");
  model.set_maturity(1);
  PublishedTerm& intercept = *model.mutable_linear()->add_terms();
  intercept.set_slot(SlotOf({}));
  intercept.set_weight(log_odds);
  return model;
}

TEST(Models, TheInstanceThatActionsShareSpeaksForAllWhereTheModelIsShared) {
  PublishedModels update = Update(1, {});
  *update.add_adaptive() = Regression("", 2);
  *update.add_adaptive() = Regression("card", -2);
  const Models models = Models().With(update);
  PredictorValues values;
  values.set_model("clicks");
  EXPECT_LT(models.Judge("card", "home", values).belief.Mean(), 0.2);
  EXPECT_FALSE(models.Judge("loan", "home", values).is_adaptive);
  values.set_shared(true);
  EXPECT_GT(models.Judge("card", "home", values).belief.Mean(), 0.8);
  EXPECT_GT(models.Judge("loan", "home", values).belief.Mean(), 0.8) << "it has no example";
  EXPECT_FALSE(models.Judge("loan", "app", values).is_adaptive);
}

}  // namespace
}  // namespace batuta::learn

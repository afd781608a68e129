#include "learn/beta_model.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "base/ids.h"
#include "base/random.h"

namespace batuta::learn {
namespace {

constexpr base::Time kNow{base::Days(20'000).micros};

TrainingMessage Example(std::string placement, bool positive, base::Time at = kNow) {
  TrainingMessage message;
  message.set_action("gold-card");
  message.set_placement(std::move(placement));
  message.set_level(ACCEPTED_LEVEL);
  message.set_positive(positive);
  message.set_weight_micros(1'000'000);
  message.set_example_time(at.micros);
  return message;
}

ModelState Empty() {
  ModelState state;
  state.set_action("gold-card");
  return state;
}

ModelState Taught(const std::vector<TrainingMessage>& messages) {
  ModelState state = Empty();
  for (const TrainingMessage& message : messages) Train(state, message, {});
  return state;
}

const PublishedModel& Model(const std::vector<PublishedModel>& models, std::string_view placement) {
  return *std::find_if(models.begin(), models.end(),
                       [&](const PublishedModel& m) { return m.placement() == placement; });
}

TEST(BetaModel, FirstPlacementStartsFromOneInTwenty) {
  const auto models = Publish(Taught({Example("home", true)}), {.now = kNow});
  EXPECT_DOUBLE_EQ(Model(models, "home").alpha(), 2);
  EXPECT_DOUBLE_EQ(Model(models, "home").beta(), 19);
  EXPECT_EQ(Model(models, "home").examples(), 1u);
}

TEST(BetaModel, OtherPlacementsLeanOnFiftyExamplesOfTheirRate) {
  std::vector<TrainingMessage> messages;
  for (int i = 0; i < 180; ++i) messages.push_back(Example("home", i < 39));
  const auto models = Publish(Taught(messages), {.now = kNow});
  // (1 + 39) of (20 + 180) is a rate of 0.2, worth 50.
  EXPECT_DOUBLE_EQ(Model(models, "").alpha(), 10);
  EXPECT_DOUBLE_EQ(Model(models, "").beta(), 40);
}

TEST(BetaModel, ParentIsNeverWorthMoreThanItsExamples) {
  const auto models = Publish(Taught({Example("home", true)}), {.now = kNow});
  EXPECT_DOUBLE_EQ(Model(models, "").alpha() + Model(models, "").beta(), 21);
}

TEST(BetaModel, OwnExamplesDoNotCountTwiceThroughTheParent) {
  const auto models =
      Publish(Taught({Example("home", true), Example("app", false)}), {.now = kNow});
  EXPECT_DOUBLE_EQ(Model(models, "home").alpha() + Model(models, "home").beta(), 22);
}

TEST(BetaModel, HalfOfTheWeightIsLeftAfterOneHalfLife) {
  const ModelSettings settings{.half_life = base::Days(70)};
  ModelState state = Empty();
  for (int i = 0; i < 8; ++i) Train(state, Example("home", true, kNow - base::Days(70)), settings);
  const auto models = Publish(state, {.settings = settings, .now = kNow});
  EXPECT_DOUBLE_EQ(Model(models, "home").alpha(), 1 + 4);
  EXPECT_EQ(Model(models, "home").examples(), 8u);
}

TEST(BetaModel, WithoutHalfLifeNothingFades) {
  const ModelSettings settings{.half_life = {}};
  ModelState state = Empty();
  Train(state, Example("home", true, base::Time{0}), settings);
  Train(state, Example("home", true, kNow), settings);
  EXPECT_EQ(state.placements(0).counts_size(), 1);
  EXPECT_DOUBLE_EQ(Model(Publish(state, {.settings = settings, .now = kNow}), "home").alpha(), 3);
}

TEST(BetaModel, LaterPositiveReplacesTheNegativeExactly) {
  TrainingMessage positive = Example("home", true);
  positive.set_replaces(true);
  EXPECT_EQ(Taught({Example("home", false), positive}).SerializeAsString(),
            Taught({Example("home", true)}).SerializeAsString());
}

TEST(BetaModel, TakingExamplesAwayLeavesTheBytesWithoutThem) {
  base::Random random(1, base::Id128{}, "test", "forget");
  std::vector<TrainingMessage> kept;
  std::vector<TrainingMessage> all;
  std::vector<TrainingMessage> taken;
  for (int i = 0; i < 500; ++i) {
    TrainingMessage message = Example(random.Below(2) == 0 ? "home" : "app", random.Below(4) == 0,
                                      kNow - base::Days(static_cast<int64_t>(random.Below(300))));
    all.push_back(message);
    if (random.Below(3) != 0) {
      kept.push_back(message);
    } else {
      message.set_forget(true);
      taken.push_back(message);
    }
  }
  all.insert(all.end(), taken.begin(), taken.end());
  EXPECT_EQ(Taught(all).SerializeAsString(), Taught(kept).SerializeAsString());
}

TEST(BetaModel, OrderOfMessagesHasNoPart) {
  TrainingMessage replaces = Example("home", true);
  replaces.set_replaces(true);
  std::vector<TrainingMessage> messages = {Example("home", false), replaces, Example("app", true),
                                           Example("home", false, kNow - base::Days(90))};
  const std::string expected = Taught(messages).SerializeAsString();
  const auto less = [](const TrainingMessage& a, const TrainingMessage& b) {
    return a.SerializeAsString() < b.SerializeAsString();
  };
  std::sort(messages.begin(), messages.end(), less);
  do {
    EXPECT_EQ(Taught(messages).SerializeAsString(), expected);
  } while (std::next_permutation(messages.begin(), messages.end(), less));
}

TEST(BetaModel, MergeIsTeachingBoth) {
  const std::vector<TrainingMessage> left = {Example("home", true), Example("app", false)};
  const std::vector<TrainingMessage> right = {Example("app", true), Example("home", false)};
  std::vector<TrainingMessage> both = left;
  both.insert(both.end(), right.begin(), right.end());
  EXPECT_EQ(Merge(Taught(left), Taught(right)).SerializeAsString(),
            Taught(both).SerializeAsString());
  EXPECT_EQ(Merge(Taught(right), Taught(left)).SerializeAsString(),
            Taught(both).SerializeAsString());
}

TEST(BetaModel, ForgetDropsWhatNoLongerMatters) {
  ModelState state = Taught({Example("home", true, kNow - base::Days(180 * 9)),
                             Example("app", true, kNow - base::Days(180 * 7))});
  Forget(state, {}, kNow);
  ASSERT_EQ(state.placements_size(), 1);
  EXPECT_EQ(state.placements(0).placement(), "app");
}

}  // namespace
}  // namespace batuta::learn

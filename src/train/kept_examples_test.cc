#include "train/kept_examples.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "base/random.h"
#include "base/text.h"

namespace batuta::train {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kHeader =
    "action,placement,time,accepted,predicted,probability,age,plan\r\n";

std::string Line(std::string_view action, int second, bool accepted, std::string_view rest) {
  return base::StrCat(action, ",home,2026-01-01T00:00:", second < 10 ? "0" : "", second, "Z,",
                      accepted ? 1 : 0, ",", rest, "\r\n");
}

// Of everybody the younger accept; the hub predicted the same for all.
KeptExamples Drawn(size_t rows) {
  base::Random dice(1, {}, "examples", "kept");
  KeptExamples kept{.examples = {.features = {"age", "noise"}}};
  for (size_t i = 0; i < rows; ++i) {
    const float age = static_cast<float>(18 + dice.Below(60));
    const bool accepts = static_cast<float>(dice.Below(60) + 18) > age;
    kept.examples.Add({age, static_cast<float>(dice.Uniform())}, accepts);
    kept.predicted.push_back(0.5F);
  }
  return kept;
}

TEST(KeptExamples, AreReadByActionInTheOrderOfTime) {
  const auto kept = ReadExamples(base::StrCat(kHeader, Line("card", 9, true, "0.25,1,40,"),
                                              Line("loan", 1, false, "0.5,1,20,1"),
                                              Line("card", 3, false, "0.125,1,30.5,1")));
  ASSERT_TRUE(kept.ok()) << kept.status();
  ASSERT_EQ(kept->size(), 2u);
  const KeptExamples& card = kept->at("card");
  EXPECT_THAT(card.examples.features, ElementsAre("age", "plan"));
  EXPECT_THAT(card.examples.labels, ElementsAre(0, 1));
  EXPECT_THAT(card.predicted, ElementsAre(0.125F, 0.25F));
  EXPECT_EQ(card.examples.Row(0)[0], 30.5F);
  EXPECT_TRUE(std::isnan(card.examples.Row(1)[1]));
}

TEST(KeptExamples, WhatIsNoneIsToldWithItsLine) {
  const auto why = [](std::string_view lines) {
    return std::string(ReadExamples(base::StrCat(kHeader, lines)).status().message());
  };
  EXPECT_THAT(std::string(ReadExamples("a,b\n").status().message()), HasSubstr("no examples"));
  EXPECT_THAT(why(Line("card", 1, true, "0.5,1,40")), HasSubstr("line 2: it has another number"));
  EXPECT_THAT(why(Line("card", 1, true, "0.5,1,x,1")),
              HasSubstr("line 2: a predictor is no number"));
  EXPECT_THAT(why("card,home,now,1,0.5,1,1,1\n"), HasSubstr("no time"));
  EXPECT_THAT(why("card,home,2026-01-01T00:00:00Z,2,0.5,1,1,1\n"), HasSubstr("0 or 1"));
}

TEST(KeptExamples, AModelIsTriedOnTheLatest) {
  const auto trial = Try(Drawn(3000), {.boosting = {.rounds = 40}});
  ASSERT_TRUE(trial.ok()) << trial.status();
  EXPECT_EQ(trial->examples, 3000u);
  EXPECT_EQ(trial->held_out, 600u);
  EXPECT_GT(trial->auc, 0.75);
  EXPECT_EQ(trial->auc_before, 0.5);
  EXPECT_TRUE(learn::Forest::FromXgboost(trial->model).ok());
  EXPECT_THAT(trial->why_not, IsEmpty());
}

// Neither tells anything alone.
TEST(KeptExamples, WhatMattersTogetherIsFoundAmongTwoFeatures) {
  base::Random dice(2, {}, "examples", "kept");
  KeptExamples kept{.examples = {.features = {"age", "visits"}}};
  for (int i = 0; i < 4000; ++i) {
    const uint64_t age = dice.Below(60);
    const uint64_t visits = dice.Below(20);
    const double chance = (age < 30) == (visits < 10) ? 0.8 : 0.15;
    kept.examples.Add({static_cast<float>(age), static_cast<float>(visits)},
                      dice.Uniform() < chance);
    kept.predicted.push_back(0.5F);
  }
  // Whoever knows the two chances gets 0.83.
  EXPECT_GT(Try(kept, {})->auc, 0.78);
}

TEST(KeptExamples, TooFewAreToldAndNotLearnedFrom) {
  const auto few = Try(Drawn(499), {});
  ASSERT_TRUE(few.ok());
  EXPECT_THAT(few->model, IsEmpty());
  EXPECT_EQ(few->why_not, "fewer than 500 examples");
  KeptExamples alike = Drawn(600);
  for (float& label : alike.examples.labels) label = 1;
  EXPECT_THAT(Try(alike, {})->why_not, HasSubstr("were accepted, or declined"));
  EXPECT_FALSE(Try(Drawn(600), {.held_out_percent = 80}).ok());
  EXPECT_FALSE(Try(Drawn(600), {.boosting = {.rounds = 0}}).ok());
}

}  // namespace
}  // namespace batuta::train

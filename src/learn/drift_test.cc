#include "learn/drift.h"

#include <gtest/gtest.h>

#include "base/ids.h"
#include "base/random.h"
#include "learn/adaptive_model.h"
#include "learn/predictor_code.h"

namespace batuta::learn {
namespace {

constexpr base::Time kBegin{base::Days(20'000).micros};

AdaptiveState Empty(base::Duration half_life) {
  AdaptiveState state;
  state.set_model("clicks");
  state.set_action("card");
  state.set_placement("home");
  state.set_half_life(half_life.micros);
  return state;
}

TrainingMessage Shown(uint64_t number, base::Time at, bool is_gold, bool positive) {
  TrainingMessage message;
  message.set_action("card");
  message.set_placement("home");
  message.set_level(ACCEPTED_LEVEL);
  message.set_positive(positive);
  message.set_weight_micros(1'000'000);
  message.set_example_time(at.micros);
  message.set_decision(base::Id128{number, 1}.ToBytes());
  message.mutable_values()->set_model("clicks");
  message.mutable_values()->add_keys(PredictorKey("plan"));
  message.mutable_values()->add_codes(SymbolCode(is_gold ? "gold" : "free"));
  return message;
}

// Twenty weeks in which gold accepts with that probability and free with another; in the last two
// perhaps others.
AdaptiveState Lived(base::Duration half_life, double gold, double last_gold) {
  AdaptiveState state = Empty(half_life);
  base::Random random(3, base::Id128{}, "test", "drift");
  for (uint64_t i = 0; i < 20'000; ++i) {
    const bool is_gold = random.Below(2) == 0;
    const double rate = is_gold ? (i < 18'000 ? gold : last_gold) : 0.1;
    const base::Time at{kBegin.micros + base::Days(7).micros / 1'000 * static_cast<int64_t>(i)};
    TrainAdaptive(state, Shown(i, at, is_gold, random.Uniform() < rate));
  }
  return state;
}

constexpr base::Time kEnd{kBegin.micros + base::Days(140).micros};

double PartOf(const AdaptiveState& state) {
  return OlderThatHolds(state, EraClock({state.half_life()}), kEnd);
}

TEST(Drift, WhatStaysTheSameHolds) { EXPECT_EQ(PartOf(Lived(base::Days(180), 0.3, 0.3)), 1); }

TEST(Drift, WhatTurnsIsForgotten) { EXPECT_LE(PartOf(Lived(base::Days(180), 0.3, 0.05)), 0.03); }

TEST(Drift, WhatForgetsFastNeedsNoSecondCount) {
  EXPECT_EQ(PartOf(Lived(base::Days(14), 0.3, 0.05)), 1);
  EXPECT_FALSE(EraClock(base::Duration{0}).Recent().has_value());
}

TEST(Drift, WithoutOlderOnesAllHolds) {
  AdaptiveState state = Empty(base::Days(180));
  EXPECT_EQ(PartOf(state), 1);
  for (uint64_t i = 0; i < 100; ++i) TrainAdaptive(state, Shown(i, kEnd, true, i % 3 == 0));
  EXPECT_EQ(PartOf(state), 1);
}

TEST(Drift, RecentCountsAreTakenAwayExactly) {
  AdaptiveState state = Lived(base::Days(180), 0.3, 0.05);
  const std::string before = state.predictors(0).SerializeAsString();
  TrainingMessage message = Shown(77'777, kEnd, true, true);
  TrainAdaptive(state, message);
  EXPECT_NE(state.predictors(0).SerializeAsString(), before);
  message.set_forget(true);
  TrainAdaptive(state, message);
  EXPECT_EQ(state.predictors(0).SerializeAsString(), before);
}

}  // namespace
}  // namespace batuta::learn

#include "learn/drift.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/ids.h"
#include "base/random.h"
#include "learn/adaptive_model.h"
#include "learn/cells.h"
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

bool IsBroken(const AdaptiveState& state) { return HasBroken(state, ClockOf(state), kEnd); }

TEST(Drift, WhatStaysTheSameHolds) {
  const AdaptiveState state = Lived(base::Days(180), 0.3, 0.3);
  EXPECT_EQ(PartOf(state), 1);
  EXPECT_FALSE(IsBroken(state));
}

TEST(Drift, ABreakComesWhereWhatWasIsWorthLittle) {
  EXPECT_TRUE(IsBroken(Lived(base::Days(180), 0.3, 0.05)));
  EXPECT_FALSE(IsBroken(Lived(base::Days(14), 0.3, 0.05))) << "that is forgotten soon anyway";
  AdaptiveState state = Lived(base::Days(180), 0.3, 0.05);
  state.add_breaks((kEnd - base::Days(10)).micros);
  EXPECT_FALSE(IsBroken(state)) << "it is soon after the last";
}

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

TEST(Drift, WhatComesAfterABreakIsNotMixedWithWhatCameBefore) {
  AdaptiveState state = Lived(base::Days(180), 0.3, 0.05);
  const std::vector<std::string> declared = {"plan"};
  Settle(state, declared, kEnd);
  ASSERT_EQ(state.breaks_size(), 1);
  // Six weeks in which gold accepts as little as at last.
  base::Random random(4, base::Id128{}, "test", "drift");
  base::Time now = kEnd;
  int after = 0;
  for (uint64_t i = 0; i < 6'000; ++i) {
    now = base::Time{kEnd.micros + base::Days(7).micros / 1'000 * static_cast<int64_t>(i + 1)};
    const bool is_gold = random.Below(2) == 0;
    after += is_gold ? 1 : 0;
    TrainAdaptive(state,
                  Shown(50'000 + i, now, is_gold, random.Uniform() < (is_gold ? 0.05 : 0.1)));
    if (i % 500 == 0) Settle(state, declared, now);
  }
  EXPECT_EQ(state.breaks_size(), 1) << "nothing has changed since";
  const EraClock all = ClockOf(state);
  const EraClock clock = all.WithOlder(OlderThatHolds(state, all, now));
  EXPECT_LE(clock.older(), 0.03);
  Bin gold;
  ForEachCell(state.predictors(0).cells(), [&](uint64_t code, EraCounts counts) {
    if (code == SymbolCode("gold")) gold = Worth(counts, clock, now);
  });
  // All of them count, a few weeks old as they are, and not just those of about ten days.
  EXPECT_GT(gold.Total(), 0.85 * after);
  EXPECT_LT(gold.Total(), 1.2 * after);
  EXPECT_NEAR(gold.positives / gold.Total(), 0.05, 0.02);
}

TEST(Drift, ABreakChangesNothingOfWhatIsTakenAway) {
  AdaptiveState state = Lived(base::Days(180), 0.3, 0.05);
  const std::vector<std::string> declared = {"plan"};
  TrainingMessage message = Shown(88'888, kEnd, true, true);
  AdaptiveState without = state;
  TrainAdaptive(state, message);
  for (AdaptiveState* one : {&state, &without}) Settle(*one, declared, kEnd);
  ASSERT_EQ(state.breaks_size(), 1);
  TrainAdaptive(state, Shown(99'999, kEnd + base::Days(1), false, true));
  message.set_forget(true);
  TrainAdaptive(state, message);
  TrainAdaptive(without, Shown(99'999, kEnd + base::Days(1), false, true));
  EXPECT_EQ(state.predictors(0).SerializeAsString(), without.predictors(0).SerializeAsString());
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

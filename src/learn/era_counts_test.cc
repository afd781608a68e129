#include "learn/era_counts.h"

#include <gtest/gtest.h>

namespace batuta::learn {
namespace {

constexpr base::Duration kHalfLife = base::Days(180);
constexpr base::Time kNow{base::Days(20'000).micros};

// What a positive of that time is worth at kNow.
double WorthOfOne(base::Time time, base::Duration half_life) {
  const EraClock clock(half_life);
  AllEraCounts counts;
  AddTo(counts, clock.EraOf(time), clock.CountOf(time), 0);
  return Worth(counts, clock, kNow).positives;
}

TEST(EraClock, HalfALifeAgoWeighsHalf) {
  for (int half_lives = 0; half_lives < 8; ++half_lives) {
    const double worth = WorthOfOne(kNow - base::Days(180 * half_lives), kHalfLife);
    // By whole weeks, of which a half-life has 25.7.
    EXPECT_NEAR(worth * (1 << half_lives), 1, 0.03) << half_lives;
  }
  EXPECT_NEAR(WorthOfOne(kNow, kHalfLife), 1, 1e-6);
}

TEST(EraClock, ExamplesOfOneWeekWeighTheSame) {
  const EraClock clock(kHalfLife);
  for (int day = 0; day < 700; ++day) {
    const base::Time week{base::Days(7 * day).micros};
    EXPECT_EQ(clock.CountOf(week), clock.CountOf(week + base::Days(6)));
    EXPECT_EQ(clock.EraOf(week), clock.EraOf(week + base::Days(6)));
  }
}

TEST(EraClock, WithoutAHalfLifeNothingIsForgotten) {
  EXPECT_DOUBLE_EQ(WorthOfOne(kNow - base::Days(9'000), {}), 1);
}

TEST(EraCounts, WhatIsLongOverIsDropped) {
  const EraClock clock(kHalfLife);
  AllEraCounts counts;
  for (const int years : {20, 1, 0}) {
    const base::Time time = kNow - base::Days(365 * years);
    AddTo(counts, clock.EraOf(time), clock.CountOf(time), 0);
  }
  DropWorthless(counts, clock, kNow);
  for (const EraCounts& entry : counts) EXPECT_GE(entry.era(), clock.EraOf(kNow) - 2);
  EXPECT_FALSE(counts.empty());
}

TEST(EraCounts, TakingAwayLeavesNothing) {
  AllEraCounts counts;
  AddTo(counts, 3, 100, 0);
  AddTo(counts, 2, 0, 50);
  AddTo(counts, 3, -100, 0);
  ASSERT_EQ(counts.size(), 1);
  EXPECT_EQ(counts[0].era(), 2);
}

}  // namespace
}  // namespace batuta::learn

#include "learn/era_counts.h"

#include <gtest/gtest.h>

namespace batuta::learn {
namespace {

constexpr base::Duration kHalfLife = base::Days(180);
constexpr base::Time kNow{base::Days(20'000).micros};

// What a positive of that time is worth at kNow.
double WorthOfOne(base::Time time, base::Duration half_life) {
  const EraClock clock(half_life);
  const EraCount one{.era = clock.EraOf(time), .positives = clock.CountOf(time)};
  return Worth({&one, 1}, clock, kNow).positives;
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

TEST(EraClock, WhatIsLongOverIsWorthNothing) {
  const EraClock clock(kHalfLife);
  EXPECT_TRUE(IsWorthless(clock.EraOf(kNow - base::Days(365 * 20)), clock, kNow));
  EXPECT_FALSE(IsWorthless(clock.EraOf(kNow - base::Days(365)), clock, kNow));
  EXPECT_FALSE(IsWorthless(clock.EraOf(kNow), clock, kNow));
}

}  // namespace
}  // namespace batuta::learn

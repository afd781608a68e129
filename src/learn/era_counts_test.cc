#include "learn/era_counts.h"

#include <gtest/gtest.h>

#include <vector>

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

TEST(EraClock, ABreakBeginsErasOfTheirOwnThatWeighTheSame) {
  const std::vector<int64_t> breaks = {kNow.micros, (kNow + base::Days(50)).micros};
  const EraClock plain(kHalfLife);
  const EraClock broken(kHalfLife, breaks);
  const base::Time later = kNow + base::Days(200);
  int64_t last = -1;
  for (const base::Time time : {kNow - base::Days(3'000), kNow, kNow + base::Micros(1),
                                kNow + base::Days(50), kNow + base::Days(51), later}) {
    EXPECT_EQ(broken.CountOf(time), plain.CountOf(time));
    EXPECT_EQ(broken.WorthOf(broken.EraOf(time), later), plain.WorthOf(plain.EraOf(time), later));
    EXPECT_EQ(broken.IsSinceBreak(broken.EraOf(time)), time > kNow + base::Days(50));
    EXPECT_GE(broken.EraOf(time), last);
    last = broken.EraOf(time);
  }
  EXPECT_EQ(broken.EraOf(kNow), plain.EraOf(kNow)) << "what is of its moment comes before a break";
  EXPECT_NE(broken.EraOf(kNow + base::Micros(1)), plain.EraOf(kNow));
  EXPECT_LT(broken.EraOf(later), kRecentFrom);
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

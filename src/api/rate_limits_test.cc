#include "api/rate_limits.h"

#include <gtest/gtest.h>

namespace batuta::api {
namespace {

base::Duration At(base::Duration since) { return {base::Seconds(100).micros + since.micros}; }

TEST(RateLimits, AKeyHasTwoSecondsWorthAtOnceAndThenItsRate) {
  RateLimits limits;
  EXPECT_EQ(limits.Take("a", {20, 10}, At({})).micros, 0);
  const base::Duration wait = limits.Take("a", {5, 10}, At({}));
  EXPECT_NEAR(static_cast<double>(wait.micros), 500'000, 2);
  EXPECT_GT(limits.Take("a", {5, 10}, At(base::Millis(400))).micros, 0);
  EXPECT_EQ(limits.Take("a", {5, 10}, At(wait)).micros, 0) << "it comes back when told";
  EXPECT_EQ(limits.Take("b", {20, 10}, At({})).micros, 0) << "another key has its own";
}

TEST(RateLimits, ALargeRequestPassesWhenTheBucketIsFullAndIsPaidOff) {
  RateLimits limits;
  EXPECT_EQ(limits.Take("a", {100, 10}, At({})).micros, 0);
  EXPECT_GT(limits.Take("a", {1, 10}, At(base::Seconds(8))).micros, 0);
  EXPECT_EQ(limits.Take("a", {1, 10}, At(base::Seconds(9))).micros, 0);
}

TEST(RateLimits, ZeroIsNoLimit) {
  RateLimits limits;
  for (int i = 0; i < 100; ++i) EXPECT_EQ(limits.Take("a", {1'000'000, 0}, At({})).micros, 0);
}

}  // namespace
}  // namespace batuta::api

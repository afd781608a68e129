#include "policy/channel_rate.h"

#include <gtest/gtest.h>

#include <vector>

namespace batuta::policy {
namespace {

constexpr base::Time kNow{base::Days(20'000).micros};
constexpr base::Duration kHalfLife = base::Days(30);

TEST(ChannelRate, IsTheUsualOneWhereNothingHappened) {
  EXPECT_EQ(RateAt({}, 31'000, kNow, kHalfLife), 31'000);
  EXPECT_EQ(EvidenceAt({}, kNow, kHalfLife), 0);
}

// (20 * .05 + 1 + .5) / (20 + 1 + 1 + .5): a half for what is a half-life old.
TEST(ChannelRate, IsTheMeanOfABetaBeliefWhoseEvidenceFades) {
  const std::vector<base::Time> times = {kNow - kHalfLife, kNow, kNow};
  const std::vector<int64_t> accepted = {kOneContact, kOneContact, 0};
  EXPECT_EQ(EvidenceAt(times, kNow, kHalfLife), 2'500'000);
  EXPECT_EQ(RateAt({times, accepted}, 50'000, kNow, kHalfLife),
            2'500'000 * kWholeRate / 22'500'000);
}

TEST(ChannelRate, StaysARate) {
  const std::vector<base::Time> times(1000, kNow);
  EXPECT_EQ(RateAt({times, std::vector<int64_t>(1000, kOneContact)}, kWholeRate, kNow, kHalfLife),
            kWholeRate);
  EXPECT_EQ(RateAt({times, std::vector<int64_t>(1000, 0)}, 0, kNow, kHalfLife), 0);
}

TEST(ChannelRate, EvidenceIsTooLittleFromTheFirstMomentOn) {
  const std::vector<base::Time> times(4, kNow - base::Days(3));
  const base::Time falls = EvidenceFallsBelow(2, times, kNow, kHalfLife);
  EXPECT_LT(EvidenceAt(times, falls, kHalfLife), 2 * kOneContact);
  EXPECT_GE(EvidenceAt(times, falls - base::Micros(1), kHalfLife), 2 * kOneContact);
  EXPECT_NEAR(static_cast<double>((falls - times[0]).micros), static_cast<double>(kHalfLife.micros),
              1e7);
  EXPECT_EQ(EvidenceFallsBelow(5, times, kNow, kHalfLife), kNow);
}

}  // namespace
}  // namespace batuta::policy

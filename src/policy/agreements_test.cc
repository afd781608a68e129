#include "policy/agreements.h"

#include <gtest/gtest.h>

namespace batuta::policy {
namespace {

constexpr base::Time kStart{base::Days(20'000).micros};
const Period kTenDays{.start = kStart, .end = kStart + base::Days(10)};

Constraint Promised(int64_t at_least) {
  return {.name = "partner",
          .kind = ConstraintKind::kAgreement,
          .limit = kLargestLimit,
          .per = Per::kCampaign,
          .at_least = at_least,
          .boost = 5'000'000};
}

TEST(Agreements, SharesOfPartitionsAddUpToTheMinimum) {
  for (const int64_t at_least :
       {int64_t{1}, int64_t{2}, int64_t{101}, int64_t{1'000'000'000'000}}) {
    for (const uint32_t partitions : {1u, 3u, 64u}) {
      int64_t sum = 0;
      for (uint32_t p = 0; p < partitions; ++p) {
        const int64_t share = ShareOf(at_least, p, partitions);
        EXPECT_GE(share, at_least / partitions);
        EXPECT_LE(share, at_least / partitions + 1);
        sum += share;
      }
      EXPECT_EQ(sum, at_least);
    }
  }
}

TEST(Agreements, TheBoostGrowsWithWhatIsLackingAndIsBounded) {
  const Constraint partner = Promised(100);
  const auto at = [&](base::Duration age, int64_t taken) {
    return PaceOf(partner, kTenDays, {.share = 100, .taken = taken}, kStart + age);
  };
  EXPECT_EQ(at({0}, 0).boost, 0);
  EXPECT_EQ(at(base::Days(5), 50).boost, 0) << "as many as are due";
  EXPECT_EQ(at(base::Days(5), 50).due, 50);
  EXPECT_EQ(at(base::Days(5), 70).boost, 0) << "ahead";
  EXPECT_EQ(at(base::Days(5), 45).boost, 2'500'000) << "half of a tenth is lacking";
  EXPECT_EQ(at(base::Days(5), 45).behind, 5);
  EXPECT_FALSE(at(base::Days(5), 45).at_risk);
  EXPECT_EQ(at(base::Days(5), 40).boost, 5'000'000);
  EXPECT_TRUE(at(base::Days(5), 40).at_risk);
  EXPECT_EQ(at(base::Days(5), 0).boost, 5'000'000) << "never more";
  EXPECT_EQ(at(base::Days(20), 99).behind, 1) << "the period is over";
}

TEST(Agreements, WhatIsLackingCountsMoreTowardsTheEnd) {
  const Constraint partner = Promised(100);
  const auto boost = [&](base::Duration age, int64_t taken) {
    return PaceOf(partner, kTenDays, {.share = 100, .taken = taken}, kStart + age).boost;
  };
  EXPECT_EQ(boost(base::Days(9), 89), 500'000);
  EXPECT_EQ(boost(base::Hours(228), 94), 1'000'000) << "of the five that are still to come";
  EXPECT_EQ(boost(base::Minutes(14'256), 98), 5'000'000) << "of one";
}

TEST(Agreements, OfOneChoiceIsPushedFromATenthOfThePeriodOn) {
  const Constraint one = Promised(1);
  const auto boost = [&](base::Duration age) {
    return PaceOf(one, kTenDays, {.share = 1, .taken = 0}, kStart + age).boost;
  };
  EXPECT_EQ(boost(base::Hours(12)), 2'500'000);
  EXPECT_EQ(boost(base::Days(1)), 5'000'000);
}

TEST(Agreements, ThatBeginInThePeriodHaveTheRestOfIt) {
  Constraint late = Promised(100);
  late.per = Per::kMonth;
  late.starts = kStart + base::Days(5);
  EXPECT_EQ(PaceOf(late, kTenDays, {.share = 100, .taken = 0}, kStart + base::Days(5)).due, 0);
  EXPECT_EQ(PaceOf(late, kTenDays, {.share = 100, .taken = 0}, kStart + base::Days(6)).due, 20);
}

TEST(Agreements, WithoutAnEndOrAMinimumHaveNoPace) {
  const Period endless{.start = kStart, .end = base::kDistantFuture};
  const base::Time now = kStart + base::Days(1);
  EXPECT_EQ(PaceOf(Promised(9), endless, {.share = 9, .taken = 0}, now).boost, 0);
  EXPECT_EQ(PaceOf(Promised(0), kTenDays, {.share = 0, .taken = 0}, now).boost, 0);
}

TEST(Agreements, OfTheLargestNumbersDoNotOverflow) {
  Constraint partner = Promised(1'000'000'000'000);
  partner.boost = kLargestLimit;
  const Period century{.start = kStart, .end = kStart + base::Days(36'500)};
  const Pace pace =
      PaceOf(partner, century, {.share = partner.at_least, .taken = 0}, kStart + base::Days(3'650));
  EXPECT_EQ(pace.due, 100'000'000'000);
  EXPECT_EQ(pace.boost, kLargestLimit);
}

}  // namespace
}  // namespace batuta::policy

#include "policy/pressure.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"

namespace batuta::policy {
namespace {

constexpr base::Time kNow{base::Days(20'000).micros};
constexpr base::Duration kHalfLife = base::Days(3);

TEST(Pressure, AWeightIsHalvedWithEveryHalfLife) {
  EXPECT_EQ(WeightLeft(kOneContact, base::Duration{}, kHalfLife), 1'000'000);
  EXPECT_EQ(WeightLeft(kOneContact, base::Hours(-5), kHalfLife), 1'000'000);
  EXPECT_EQ(WeightLeft(kOneContact, base::Days(3), kHalfLife), 500'000);
  EXPECT_EQ(WeightLeft(kOneContact, base::Days(9), kHalfLife), 125'000);
  // 2^(-1/3) and 2^(-1/2).
  EXPECT_EQ(WeightLeft(kOneContact, base::Days(1), kHalfLife), 793'701);
  EXPECT_EQ(WeightLeft(kOneContact, base::Hours(36), kHalfLife), 707'107);
  EXPECT_EQ(WeightLeft(kOneContact, base::Duration{1}, kHalfLife), 1'000'000);
  const base::Duration last{kHalfLife.micros * kHalfLivesCounted};
  EXPECT_EQ(WeightLeft(kOneContact, base::Duration{last.micros - 1}, kHalfLife), 16);
  EXPECT_EQ(WeightLeft(kOneContact, last, kHalfLife), 0);
}

TEST(Pressure, IsThePowerOfTwoRoundedUp) {
  base::Random random(3, base::Id128{}, "test", "pressure");
  for (int round = 0; round < 20'000; ++round) {
    const auto weight = static_cast<int64_t>(random.Below(1'000'000'000));
    const base::Duration half_life{static_cast<int64_t>(1 + random.Below(60) * 86'400'000'000)};
    const base::Duration age{static_cast<int64_t>(
        random.Below(static_cast<uint64_t>(half_life.micros) * kHalfLivesCounted))};
    const double exact =
        static_cast<double>(weight) *
        std::exp2(-static_cast<double>(age.micros) / static_cast<double>(half_life.micros));
    const auto left = static_cast<double>(WeightLeft(weight, age, half_life));
    ASSERT_LE(left, exact + 1.5);
    ASSERT_GE(left, exact - 0.01);
  }
}

TEST(Pressure, NeverRisesWithAge) {
  const base::Duration half_life{977};
  int64_t before = 1'000'000'000'000;
  for (int64_t age = 0; age <= half_life.micros * kHalfLivesCounted; ++age) {
    const int64_t left = WeightLeft(1'000'000'000'000, base::Duration{age}, half_life);
    ASSERT_LE(left, before) << age;
    before = left;
  }
}

TEST(Pressure, FallsToTheLimitAtTheFirstMicrosecond) {
  base::Random random(4, base::Id128{}, "test", "falls");
  for (int round = 0; round < 300; ++round) {
    std::vector<WeightedContact> contacts;
    for (uint64_t i = 0, count = random.Below(6); i < count; ++i) {
      // Some are of a partition whose log is ahead.
      contacts.push_back({.at = kNow - base::Hours(static_cast<int64_t>(random.Below(400)) - 20),
                          .weight = static_cast<int64_t>(random.Below(3'000'000))});
    }
    const auto limit = static_cast<int64_t>(random.Below(4'000'000));
    const base::Time falls = PressureFallsTo(limit, contacts, kNow, kHalfLife);
    ASSERT_LE(PressureAt(contacts, falls, kHalfLife), limit);
    if (falls == kNow) continue;
    ASSERT_GT(PressureAt(contacts, falls - base::Duration{1}, kHalfLife), limit);
  }
  EXPECT_EQ(PressureFallsTo(-1, {}, kNow, kHalfLife), base::kDistantFuture);
}

}  // namespace
}  // namespace batuta::policy

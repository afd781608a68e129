#include "engine/runtime_clock.h"

#include <gtest/gtest.h>

#include "base/manual_clock.h"

namespace batuta::engine {
namespace {

class GuardedClock : public testing::Test {
 protected:
  // How far the guarded time is from the beginning.
  int64_t Minutes() { return (guard_.Wall() - start_).micros / base::Minutes(1).micros; }

  base::ManualClock clock_;
  ClockGuard guard_{clock_};
  const base::Time start_ = clock_.Wall();
};

TEST_F(GuardedClock, FollowsTheWallAndItsSmallCorrections) {
  clock_.Advance(base::Hours(1));
  EXPECT_EQ(Minutes(), 60);
  clock_.Jump(base::Minutes(4));
  EXPECT_EQ(Minutes(), 64);
  EXPECT_EQ(guard_.Look().jumps, 0u);
}

TEST_F(GuardedClock, NeverGoesBack) {
  clock_.Advance(base::Minutes(10));
  EXPECT_EQ(Minutes(), 10);
  clock_.Jump({-base::Minutes(2).micros});
  EXPECT_EQ(Minutes(), 10);
  clock_.Advance(base::Minutes(3));
  EXPECT_EQ(Minutes(), 11);
}

TEST_F(GuardedClock, AJumpAheadIsHeldAndBelievedAfterTenMinutes) {
  clock_.Jump(base::Days(3650));
  EXPECT_EQ(Minutes(), 0);
  EXPECT_TRUE(guard_.Look().holds);
  EXPECT_EQ(guard_.Look().by, base::Days(3650));
  clock_.Advance(base::Minutes(9));
  EXPECT_EQ(Minutes(), 9) << "it goes on at the monotonic pace";
  clock_.Advance(base::Minutes(1));
  EXPECT_EQ(Minutes(), base::Days(3650).micros / base::Minutes(1).micros + 10);
  EXPECT_FALSE(guard_.Look().holds);
  EXPECT_EQ(guard_.Look().jumps, 1u);
}

TEST_F(GuardedClock, AJumpThatIsTakenBackLeavesNothing) {
  clock_.Jump(base::Hours(1));
  EXPECT_EQ(Minutes(), 0);
  clock_.Advance(base::Minutes(5));
  clock_.Jump({-base::Hours(1).micros});
  EXPECT_EQ(Minutes(), 5);
  EXPECT_FALSE(guard_.Look().holds);
  clock_.Advance(base::Hours(1));
  EXPECT_EQ(Minutes(), 65);
}

TEST_F(GuardedClock, AnotherJumpBeginsTheTrialAnew) {
  clock_.Jump(base::Hours(1));
  guard_.Wall();
  clock_.Advance(base::Minutes(9));
  clock_.Jump(base::Hours(1));
  EXPECT_EQ(Minutes(), 9);
  clock_.Advance(base::Minutes(9));
  EXPECT_EQ(Minutes(), 18);
  EXPECT_EQ(guard_.Look().jumps, 2u);
  clock_.Advance(base::Minutes(1));
  EXPECT_EQ(Minutes(), 139);
}

TEST_F(GuardedClock, AfterAJumpBackTimeGoesOnAndThenStandsStillUntilTheWallHasCaughtUp) {
  clock_.Advance(base::Hours(2));
  EXPECT_EQ(Minutes(), 120);
  clock_.Jump({-base::Hours(1).micros});
  for (int i = 1; i <= 9; ++i) {
    clock_.Advance(base::Minutes(1));
    EXPECT_EQ(Minutes(), 120 + i);
  }
  clock_.Advance(base::Minutes(3));
  EXPECT_EQ(Minutes(), 129) << "believed now: 72 on the wall";
  clock_.Advance(base::Minutes(58));
  EXPECT_EQ(Minutes(), 130);
}

}  // namespace
}  // namespace batuta::engine

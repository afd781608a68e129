// What happens by time: decisions that wait for links, and clocks that are set back.
#include <gtest/gtest.h>

#include "decision/decision.pb.h"
#include "engine/hub_testing.h"

namespace batuta::engine {
namespace {

constexpr std::string_view kShop = R"(
kind: hub
name: default
spec: {currency: EUR, timeZone: Europe/Madrid}
---
kind: action
name: card
spec: {title: Card, value: {amount: "10.00", currency: EUR}, mandatory: true}
---
kind: treatment
name: card-web
spec: {action: card, channel: web, placements: [home], variants: [{name: a, content: {}}]}
---
kind: placement
name: home
spec: {channel: web, slots: 1, exposure: impression, expiresAfter: 10m, ignoredAfter: 4h}
)";

class HubTime : public ::testing::Test {
 protected:
  HubTime() { hub_.Define(kShop); }

  log::Entry DecisionAskOf(const std::string& user) {
    return hub_.DecisionEntry(hub_.hub().DrawId(), user);
  }
  uint64_t Decisions() { return hub_.Totals().decisions(); }

  TestHub hub_;
};

TEST_F(HubTime, TimersDoNotWaitForAWallClockThatWasSetBack) {
  hub_.Append({DecisionAskOf("ana")});
  ASSERT_EQ(Decisions(), 1u);
  Fold& fold = hub_.FoldOf(hub_.HomeOf("user_id", "ana"));
  const base::Time expiry = fold.NextDue();
  ASSERT_EQ(expiry, fold.log_time() + base::Minutes(10));
  hub_.clock().Jump(base::Days(-1));
  hub_.Advance(base::Millis(599'999));
  EXPECT_EQ(fold.NextDue(), expiry);
  hub_.Advance(base::Millis(1));
  EXPECT_GT(fold.NextDue(), expiry) << "the reservation has not expired";
  EXPECT_EQ(fold.log_time(), expiry);
}

TEST_F(HubTime, TimersDoNotWaitForAWallClockThatWasSetBackBeforeARestart) {
  hub_.Append({DecisionAskOf("ana")});
  const base::PartitionId home = hub_.HomeOf("user_id", "ana");
  const base::Time expiry = hub_.FoldOf(home).NextDue();
  hub_.clock().Jump(base::Days(-1));
  hub_.Reopen();
  ASSERT_EQ(hub_.FoldOf(home).NextDue(), expiry);
  hub_.Advance(base::Minutes(10));
  EXPECT_GT(hub_.FoldOf(home).NextDue(), expiry);
}

// The links came up while another decision was under way, after the request had arrived.
TEST_F(HubTime, ADecisionBehindAnotherWaitsNoLongerForLinksThanAnyOther) {
  const base::PartitionId home = hub_.HomeOf("user_id", "ana");
  std::string device = "d";
  while (hub_.HomeOf("anonymous_id", device) == home) device += "d";
  const log::Entry event =
      hub_.Event({.name = "Viewed", .identifiers = {{"user_id", "ana"}, {"anonymous_id", device}}});
  Runtime& runtime = hub_.hub().runtime();
  ASSERT_TRUE(runtime.Append({DecisionAskOf("ana"), DecisionAskOf("ana"), event}, nullptr).ok());
  for (int i = 0; i < 2; ++i) {  // the device's home does nothing
    runtime.StepCommit();
    runtime.StepPartition(home);
  }
  ASSERT_EQ(Decisions(), 1u);
  hub_.clock().Advance(base::Millis(50));
  runtime.StepTicks();
  for (int i = 0; i < 2; ++i) {
    runtime.StepCommit();
    runtime.StepPartition(home);
  }
  EXPECT_EQ(Decisions(), 2u);
}

}  // namespace
}  // namespace batuta::engine

#include <gtest/gtest.h>

#include "base/random.h"
#include "decision/lifecycle.h"
#include "decision/sample_hub.h"

namespace batuta::decision {
namespace {

OpenDecision Open(uint64_t number, std::string action, base::Time exposed) {
  OpenDecision open;
  open.set_decision(DecisionNumber(number).ToBytes());
  open.set_placement("home");
  OpenSlot& slot = *open.add_slots();
  slot.set_action(std::move(action));
  slot.set_stage(policy::EXPOSED);
  slot.set_accept_event("Card Requested");
  slot.set_window(base::Days(7).micros);
  slot.set_exposed_at(exposed.micros);
  return open;
}

// Whatever the event is like besides.
std::vector<EventMatch> Match(const OpenDecisions& open, std::string_view event, base::Time at) {
  return MatchEvent(open, event, at, [](std::string_view, OutcomeKind) { return true; });
}

TEST(MatchEvent, CreditsTheChoiceOfEachActionShownLast) {
  OpenDecisions open;
  AddOpen(open, Open(1, "card", kNoon - base::Days(2)));
  AddOpen(open, Open(2, "card", kNoon - base::Days(1)));
  AddOpen(open, Open(3, "loan", kNoon - base::Days(3)));
  const auto matches = Match(open, "Card Requested", kNoon);
  ASSERT_EQ(matches.size(), 2u);
  EXPECT_EQ(matches[0].decision, 1u);
  EXPECT_EQ(matches[1].decision, 2u);
  EXPECT_TRUE(Match(open, "Other", kNoon).empty());
}

TEST(MatchEvent, NeedsAnExposureWithinTheWindow) {
  OpenDecisions open;
  AddOpen(open, Open(1, "card", kNoon));
  EXPECT_TRUE(Match(open, "Card Requested", kNoon - base::Seconds(1)).empty());
  EXPECT_EQ(Match(open, "Card Requested", kNoon + base::Days(7)).size(), 1u);
  EXPECT_TRUE(Match(open, "Card Requested", kNoon + base::Days(7) + base::Micros(1)).empty());
  FindOpen(open, DecisionNumber(1))->mutable_slots(0)->set_stage(policy::RESERVED);
  EXPECT_TRUE(Match(open, "Card Requested", kNoon).empty());
  FindOpen(open, DecisionNumber(1))->mutable_slots(0)->set_stage(policy::ACCEPTED);
  EXPECT_TRUE(Match(open, "Card Requested", kNoon).empty());
}

TEST(OpenDecisions, AreKeptInOrderAndDroppedWhenOver) {
  OpenDecisions open;
  AddOpen(open, Open(5, "card", kNoon));
  AddOpen(open, Open(2, "card", kNoon));
  EXPECT_LT(open.decisions(0).decision(), open.decisions(1).decision());
  FindOpen(open, DecisionNumber(2))->mutable_slots(0)->set_closed(true);
  DropOver(open);
  ASSERT_EQ(open.decisions_size(), 1);
  EXPECT_EQ(FindOpen(open, DecisionNumber(2)), nullptr);
}

OpenDecisions RandomOpen(base::Random& random) {
  OpenDecisions open;
  for (uint64_t i = 0, n = random.Below(5); i < n; ++i) {
    OpenDecision one =
        Open(random.Below(4), "card", base::Time{static_cast<int64_t>(random.Below(3))});
    one.mutable_slots(0)->set_stage(static_cast<policy::ContactStage>(1 + random.Below(7)));
    one.mutable_slots(0)->set_slot(static_cast<uint32_t>(random.Below(2)));
    one.mutable_slots(0)->set_taught(static_cast<int32_t>(random.Below(3)));
    one.set_reserved_at(static_cast<int64_t>(random.Below(2)));
    AddOpen(open, one);
  }
  return open;
}

TEST(OpenDecisions, MergeIsCommutativeAssociativeAndIdempotent) {
  base::Random random(3, base::Id128{}, "test", "open");
  for (int round = 0; round < 2000; ++round) {
    const OpenDecisions a = RandomOpen(random);
    const OpenDecisions b = RandomOpen(random);
    const OpenDecisions c = RandomOpen(random);
    ASSERT_EQ(Merge(a, b).SerializeAsString(), Merge(b, a).SerializeAsString());
    ASSERT_EQ(Merge(Merge(a, b), c).SerializeAsString(), Merge(a, Merge(b, c)).SerializeAsString());
    ASSERT_EQ(Merge(a, a).SerializeAsString(), a.SerializeAsString());
  }
}

}  // namespace
}  // namespace batuta::decision

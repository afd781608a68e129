// Outcomes in a whole hub: what acceptances were worth is learned, refunds take it back, clicks can
// be what is predicted or asked for, and what came of a decision stays to be read.
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "base/text.h"
#include "base/value.h"
#include "decision/decision.pb.h"
#include "decision/replay.h"
#include "engine/hub_testing.h"

namespace batuta::engine {
namespace {

using decision::Decision;
using decision::OutcomeKind;

std::string Shop(std::string_view more, std::string_view accept = "") {
  return base::StrCat(
      "{kind: hub, name: default, spec: {currency: MXN, timeZone: UTC}}\n"
      "---\n{kind: action, name: card, spec: {title: Card, value: {amount: \"10.00\", currency: "
      "MXN}, window: 2d, accept: {event: Ordered",
      accept, "}", more,
      "}}\n"
      "---\n{kind: treatment, name: card-web, spec: {action: card, channel: web, placements: "
      "[home]}}\n"
      "---\n{kind: placement, name: home, spec: {channel: web, exposure: decision, ignoredAfter: "
      "1h, choice: {method: greedy, floor: 0}}}\n");
}

class Outcomes : public testing::Test {
 protected:
  Decision Ask(const std::string& user) {
    const Decision made = hub_.Decide(user);
    EXPECT_EQ(*decision::Replay(made), decision::Serialize(made));
    return made;
  }
  void Do(const std::string& user, const std::string& event,
          std::optional<double> amount = std::nullopt) {
    base::Fields properties;
    if (amount) {
      base::SetField(properties, "value", base::NumberValue(*amount));
      base::SetField(properties, "currency", base::TextValue("MXN"));
    }
    hub_.Append({hub_.Event(
        {.name = event, .identifiers = {{"user_id", user}}, .properties = properties})});
    hub_.Advance(base::Seconds(1));
  }
  double ValueFor(const std::string& user) {
    return static_cast<double>(Ask(user).trace().candidates(0).value_micros()) / 1e6;
  }
  double Propensity(const std::string& user) { return Ask(user).chosen(0).propensity(); }

  TestHub hub_;
};

TEST_F(Outcomes, WhatAcceptancesWereWorthIsLearned) {
  hub_.Define(Shop(", learnValue: true"));
  EXPECT_EQ(ValueFor("u"), 10);
  for (int i = 0; i < 10; ++i) {
    const std::string user = base::StrCat("u", i);
    Ask(user);
    Do(user, "Ordered", 30);
  }
  // The declared value counts as ten.
  EXPECT_NEAR(ValueFor("u"), 20, 0.01);
  // What says nothing of its worth teaches nothing of it.
  Ask("v");
  Do("v", "Ordered");
  EXPECT_NEAR(ValueFor("u"), 20, 0.01);
}

TEST_F(Outcomes, RefundsTakeBackWhatAnAcceptanceWasWorth) {
  hub_.Define(Shop(", learnValue: true, refund: {event: Returned, window: 20d}"));
  for (int i = 0; i < 10; ++i) {
    const std::string user = base::StrCat("u", i);
    Ask(user);
    Do(user, "Ordered", 30);
  }
  const double propensity = Propensity("u");
  hub_.Advance(base::Days(10));
  Do("u0", "Returned", 20);
  Do("u1", "Returned");
  EXPECT_NEAR(ValueFor("u"), (100 + 8 * 30 + 10) / 20.0, 0.2);
  // What is older weighs a little less.
  EXPECT_NEAR(Propensity("u"), propensity, 0.03) << "it was accepted all the same";
  // Who has accepted nothing has nothing to return, nor after the window.
  Do("stranger", "Returned", 20);
  hub_.Advance(base::Days(11));
  Do("u2", "Returned");
  EXPECT_NEAR(ValueFor("u"), (100 + 8 * 30 + 10) / 20.0, 0.5);
}

TEST_F(Outcomes, AClickCanBeWhatIsPredicted) {
  hub_.Define(Shop(", label: clicked"));
  for (int i = 0; i < 20; ++i) {
    const Decision made = Ask(base::StrCat("u", i));
    if (i % 2 == 0) hub_.Report(made, OutcomeKind::kClicked);
    if (i % 4 == 0) hub_.Report(made, OutcomeKind::kRejected);
    hub_.Advance(base::Seconds(1));
  }
  hub_.Advance(base::Hours(2));
  hub_.Advance(base::Seconds(1));  // models are published half a second later
  // Ten of twenty, with Beta(1, 19) before them.
  EXPECT_NEAR(Propensity("v"), 11.0 / 40, 0.01);
}

TEST_F(Outcomes, AnActionCanAskForAClickBeforeAnEventIsDueToIt) {
  hub_.Define(Shop("", ", after: clicked"));
  const Decision seen = Ask("u1");
  Do("u1", "Ordered");
  EXPECT_EQ(hub_.Totals().accepted(), 0u);
  const Decision clicked = Ask("u2");
  hub_.Report(clicked, OutcomeKind::kClicked);
  hub_.Advance(base::Seconds(1));
  Do("u2", "Ordered");
  EXPECT_EQ(hub_.Totals().accepted(), 1u);
}

TEST_F(Outcomes, WhatCameOfADecisionStaysToBeRead) {
  hub_.Define(Shop(""));
  const Decision made = Ask("u");
  Do("u", "Ordered", 12.5);
  const base::PartitionId home = base::DecisionId::FromBytes(made.id()).partition;
  const auto life = [&] {
    return hub_.FoldOf(home).state().GetRow<LifeOver>(RowKind::kLife, made.id());
  };
  EXPECT_FALSE(life().has_value());
  hub_.Advance(base::Days(3));
  EXPECT_TRUE(hub_.Person("user_id", "u")->open().decisions().empty());
  ASSERT_TRUE(life().has_value());
  ASSERT_EQ(life()->slots_size(), 1);
  EXPECT_EQ(life()->slots(0).stage(), policy::ACCEPTED);
  EXPECT_EQ(life()->slots(0).value_micros(), 12'500'000);
  EXPECT_EQ(life()->slots(0).currency(), "MXN");
}

}  // namespace
}  // namespace batuta::engine

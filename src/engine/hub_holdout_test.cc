// Holdouts in a whole hub: who was met keeps the arm, and what the partitions sum up is right
// whatever merges, is erased, redefined or crashes meanwhile.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "base/value.h"
#include "decision/decide.h"
#include "decision/decision.pb.h"
#include "decision/holdout_tally.h"
#include "decision/replay.h"
#include "engine/dry_run.h"
#include "engine/hub_testing.h"

namespace batuta::engine {
namespace {

using decision::HoldoutTally;

constexpr std::string_view kShop =
    "{kind: hub, name: default, spec: {currency: MXN, timeZone: UTC}}\n"
    "---\n{kind: action, name: card, spec: {title: Card, value: {amount: \"900.00\", currency: "
    "MXN}, accept: {event: Card Ordered}}}\n"
    "---\n{kind: action, name: tip, spec: {title: Tip, value: {amount: \"5.00\", currency: MXN}}}\n"
    "---\n{kind: placement, name: home, spec: {channel: web, slots: 2, exposure: decision, choice: "
    "{method: greedy, floor: 0}}}\n"
    "---\n{kind: treatment, name: card-web, spec: {action: card, channel: web, placements: "
    "[home]}}\n"
    "---\n{kind: treatment, name: tip-web, spec: {action: tip, channel: web, placements: [home]}}\n"
    "---\n{kind: holdout, name: control, spec: {percent: 50}}\n";

class HoldoutHub : public testing::Test {
 protected:
  HoldoutHub() : hub_(TestHubOptions{.partitions = 3}) { hub_.Define(kShop); }

  static std::string NameOf(int number) { return base::StrCat("u", number); }
  bool IsHeld(const decision::Decision& decision) {
    return decision.arm() == decision::NOTHING_ARM;
  }
  // Somebody whom the holdout meets in that arm.
  std::string Meet(bool held) {
    for (;; ++next_) {
      const decision::Decision made = hub_.Decide(NameOf(next_));
      EXPECT_EQ(*decision::Replay(made), decision::Serialize(made));
      if (IsHeld(made) == held) return NameOf(next_++);
    }
  }
  void Order(const std::string& user, std::optional<double> amount = std::nullopt,
             base::Duration age = {}) {
    base::Fields properties;
    if (amount.has_value()) {
      base::SetField(properties, "value", base::NumberValue(*amount));
      base::SetField(properties, "currency", base::TextValue("MXN"));
    }
    hub_.Append({hub_.Event({.name = "Card Ordered",
                             .identifiers = {{"user_id", user}},
                             .properties = properties,
                             .age = age})});
  }
  HoldoutTally TallyOf(uint64_t version = 1) {
    HoldoutTally sum;
    const std::string key = HoldoutKey{"control", version}.ToBytes();
    for (uint16_t p = 0; p < hub_.hub().partitions(); ++p) {
      PartitionState& state = hub_.FoldOf(base::PartitionId{p}).state();
      const auto one = state.GetRow<HoldoutTally>(RowKind::kHoldout, key);
      if (one.has_value()) decision::Add(*one, sum);
    }
    return sum;
  }
  const decision::HoldoutPerson& MetOf(const std::string& user) {
    person_ = *hub_.Person("user_id", user);
    BATUTA_CHECK(person_.holdouts_size() == 1);
    return person_.holdouts(0);
  }

  TestHub hub_;
  int next_ = 0;
  PersonRow person_;
};

TEST_F(HoldoutHub, WhatPeopleDoCountsInBothArmsWhateverTheyWereShown) {
  const std::string held = Meet(true);
  const std::string treated = Meet(false);
  hub_.Advance(base::Hours(1));
  Order(held, 120);
  Order(treated);
  Order(treated, 30);
  Order(treated, 70, base::Hours(2));  // before they were met
  Order("nobody-met-them", 1000);
  const HoldoutTally tally = TallyOf();
  EXPECT_EQ(tally.held().acceptors(), 1u);
  EXPECT_EQ(decision::SumOf(tally.held().worth()), 120'000'000);
  EXPECT_EQ(tally.treated().acceptors(), 1u);
  EXPECT_EQ(decision::SumOf(tally.treated().acceptances()), 2);
  EXPECT_EQ(decision::SumOf(tally.treated().worth()), 930'000'000);
  EXPECT_EQ(tally.held().people() + tally.treated().people(), static_cast<uint64_t>(next_));
}

TEST_F(HoldoutHub, WhatIsReportedOfTheTreatedCountsApart) {
  const std::string treated = Meet(false);
  const decision::Decision made = hub_.Decide(treated);
  ASSERT_EQ(made.chosen_size(), 2);
  for (uint32_t slot = 0; slot < 2; ++slot) {
    OutcomeAsk ask;
    ask.set_request_id(hub_.hub().DrawId().ToBytes());
    ask.set_decision(made.id());
    ask.set_slot(slot);
    ask.set_kind(static_cast<uint32_t>(decision::OutcomeKind::kAccepted));
    hub_.Append({hub_.Entry(base::DecisionId::FromBytes(made.id()).partition,
                            RecordType::kOutcomeAsk, ask)});
  }
  // The card names an event, which is waited for; the tip does not.
  EXPECT_EQ(TallyOf().treated().reports(), 1u);
  EXPECT_EQ(decision::SumOf(TallyOf().treated().reported()), 5'000'000);
  EXPECT_EQ(TallyOf().treated().acceptors(), 0u);
}

TEST_F(HoldoutHub, ADryRunMeetsNobody) {
  decision::DecisionRequest request;
  request.set_dry_run(true);
  hub_.Decide("u0", request);
  EXPECT_EQ(TallyOf().held().people() + TallyOf().treated().people(), 0u);
}

TEST_F(HoldoutHub, WhoIsErasedIsTakenOff) {
  const std::string held = Meet(true);
  Order(held, 40);
  const HoldoutTally before = TallyOf();
  EraseAsk ask;
  ask.set_request_id(hub_.hub().DrawId().ToBytes());
  const base::IdentifierHash hash = hub_.hub().vault().HashIdentifier("user_id", held);
  ask.set_identifier(hash.ToBytes());
  hub_.Append({hub_.Entry(hub_.HomeOf("user_id", held), RecordType::kEraseAsk, ask)});
  const HoldoutTally after = TallyOf();
  EXPECT_EQ(after.held().people() + 1, before.held().people());
  EXPECT_EQ(after.held().acceptors(), 0u);
  EXPECT_EQ(decision::SumOf(after.held().worth()), 0);
  EXPECT_EQ(decision::SquaresOf(after.held().worth()), 0u);
}

TEST_F(HoldoutHub, AnotherShareBeginsAnew) {
  const std::string held = Meet(true);
  Order(held, 40);
  hub_.Define("{kind: holdout, name: control, spec: {percent: 60}}");
  Order(held, 40);
  EXPECT_EQ(TallyOf(1).held().people(), 0u) << "the former sums are forgotten";
  EXPECT_EQ(TallyOf(2).held().people(), 0u) << "nobody was met yet";
  hub_.Decide(held);
  EXPECT_EQ(MetOf(held).version(), 2u);
  EXPECT_EQ(MetOf(held).acceptances(), 0u);
  EXPECT_EQ(TallyOf(2).held().people(), 1u) << "a larger share keeps those who were in";
  hub_.Define("", {{"holdout", "control"}});
  Order(held, 40);
  EXPECT_EQ(TallyOf(2).held().people(), 0u);
}

TEST_F(HoldoutHub, FoldingAgainGivesTheSameSums) {
  for (int i = 0; i < 20; ++i) {
    hub_.Decide(NameOf(i));
    Order(NameOf(i), i);
  }
  const std::string hashes = hub_.StateHashes();
  const std::string sums = TallyOf().SerializeAsString();
  hub_.Crash(7);
  EXPECT_EQ(hub_.StateHashes(), hashes);
  EXPECT_EQ(TallyOf().SerializeAsString(), sums);
  EXPECT_EQ(TallyOf().held().people() + TallyOf().treated().people(), 20u);
}

// People who are known by another type of identifier than user_id, which would keep them apart.
class MergingHoldoutHub : public HoldoutHub {
 protected:
  decision::Decision DecideBy(const std::string& type, const std::string& value) {
    const base::RecordId id = hub_.hub().DrawId();
    decision::Decision made;
    hub_.hub().runtime().Await(id, [&](absl::StatusOr<std::string> bytes) {
      ASSERT_TRUE(bytes.ok()) << bytes.status();
      ASSERT_TRUE(decision::Parse(*bytes, made));
    });
    DecisionAsk ask;
    *ask.mutable_person()->mutable_identifier() = hub_.Identifier(type, value);
    ask.mutable_request()->set_placement("home");
    ask.mutable_request()->set_request_id(id.ToBytes());
    log::Entry entry = hub_.Entry(hub_.HomeOf(type, value), RecordType::kDecisionAsk, ask);
    hub_.Append({std::move(entry)});
    hub_.Advance(base::Millis(60));
    return made;
  }
  // As it is asked of many people beside the log.
  bool IsHeldInDryRun(const std::string& email) {
    const std::string wanted = hub_.Person("email", email)->SerializeAsString();
    decision::DecisionRequest request;
    request.set_placement("home");
    request.set_dry_run(true);
    request.set_request_id(hub_.hub().DrawId().ToBytes());
    decision::Decision made;
    for (uint16_t p = 0; p < hub_.hub().partitions(); ++p) {
      Fold& fold = hub_.FoldOf(base::PartitionId{p});
      fold.state().people.ForEach([&](std::string_view key, const PersonRow& row) {
        if (row.SerializeAsString() != wanted) return;
        const std::vector<std::string_view> segments = fold.SegmentsOf(row);
        EXPECT_TRUE(DryRun(fold,
                           {.request = request,
                            .models = fold.models(),
                            .person = base::PersonId::FromBytes(key),
                            .row = row,
                            .state = fold.PersonOf(row, segments)},
                           made)
                        .ok());
      });
    }
    EXPECT_EQ(made.chosen_size(), 2) << "somebody was asked about";
    return IsHeld(made);
  }
  std::string MeetEmail(bool held) {
    for (;; ++next_) {
      const std::string email = base::StrCat("p", next_, "@example.com");
      if (IsHeld(DecideBy("email", email)) == held) {
        ++next_;
        return email;
      }
    }
  }
  void JoinEmails(const std::string& a, const std::string& b) {
    hub_.Append({hub_.Event({.name = "Signed In", .identifiers = {{"email", a}, {"email", b}}})});
    hub_.Advance(base::Millis(60));
  }
  void OrderBy(const std::string& email) {
    hub_.Append({hub_.Event({.name = "Card Ordered", .identifiers = {{"email", email}}})});
  }
};

TEST_F(MergingHoldoutHub, PeopleOfBothArmsWhoBecomeOneAreContaminatedAndStayHeldOut) {
  for (const bool held_first : {true, false}) {
    const std::string a = MeetEmail(held_first);
    const std::string b = MeetEmail(!held_first);
    OrderBy(a);
    const HoldoutTally before = TallyOf();
    JoinEmails(a, b);
    const HoldoutTally after = TallyOf();
    EXPECT_EQ(after.contaminated(), before.contaminated() + 1);
    EXPECT_EQ(after.held().people() + 1, before.held().people());
    EXPECT_EQ(after.treated().people() + 1, before.treated().people());
    EXPECT_EQ(after.held().acceptors() + after.treated().acceptors(), 0u) << "left out";
    EXPECT_TRUE(IsHeldInDryRun(a));
    EXPECT_TRUE(IsHeld(DecideBy("email", a)));
    EXPECT_TRUE(IsHeld(DecideBy("email", b)));
    EXPECT_TRUE(hub_.Person("email", a)->holdouts(0).contaminated());
  }
}

TEST_F(MergingHoldoutHub, PeopleOfOneArmWhoBecomeOneCountOnce) {
  const std::string a = MeetEmail(true);
  const std::string b = MeetEmail(true);
  OrderBy(a);
  OrderBy(b);
  const HoldoutTally before = TallyOf();
  JoinEmails(a, b);
  const HoldoutTally after = TallyOf();
  EXPECT_EQ(after.contaminated(), 0u);
  EXPECT_EQ(after.held().people() + 1, before.held().people());
  EXPECT_EQ(after.held().acceptors(), 1u);
  EXPECT_EQ(decision::SumOf(after.held().acceptances()), 2);
  EXPECT_EQ(decision::SquaresOf(after.held().acceptances()), 4u);
  hub_.Crash(3);
  EXPECT_EQ(TallyOf().SerializeAsString(), after.SerializeAsString());
}

TEST_F(MergingHoldoutHub, WhoWasMetBringsTheArmToWhomeverTheyBecome) {
  for (int i = 0; i < 8; ++i) {
    const bool held = i % 2 == 0;
    const std::string a = MeetEmail(held);
    const std::string b = base::StrCat("new", i, "@example.com");
    hub_.Append({hub_.Event({.name = "Seen", .identifiers = {{"email", b}}})});
    JoinEmails(a, b);
    EXPECT_EQ(IsHeldInDryRun(b), held);
    EXPECT_EQ(IsHeld(DecideBy("email", b)), held);
  }
  EXPECT_EQ(TallyOf().contaminated(), 0u);
}

}  // namespace
}  // namespace batuta::engine

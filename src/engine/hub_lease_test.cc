// Budgets and capacities in a whole hub: shared by leases between partitions, never overspent, used
// up to the last choice, whatever crashes, merges or is redefined meanwhile.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/text.h"
#include "base/value.h"
#include "decision/decide.h"
#include "decision/decision.pb.h"
#include "decision/replay.h"
#include "engine/hub_testing.h"
#include "policy/lease.h"

namespace batuta::engine {
namespace {

constexpr std::string_view kShop =
    "{kind: hub, name: default, spec: {currency: MXN, timeZone: UTC}}\n"
    "---\n{kind: action, name: card, spec: {title: Card, value: {amount: \"900.00\", currency: "
    "MXN}, "
    "cost: {amount: \"1.00\", currency: MXN}}}\n"
    "---\n{kind: placement, name: home, spec: {channel: web, expiresAfter: 1h, choice: {method: "
    "greedy, floor: 0}}}\n"
    "---\n{kind: treatment, name: card-web, spec: {action: card, channel: web, "
    "placements: [home], variants: [{name: a, content: {}}]}}\n";

std::string Budget(std::string_view amount, std::string_view more = "per: day") {
  return base::StrCat("---\n{kind: budget, name: daily, spec: {limit: {amount: \"", amount,
                      "\", currency: MXN}, ", more, "}}\n");
}

class LeaseHub : public testing::Test {
 protected:
  explicit LeaseHub(TestHubOptions options = {.partitions = 3}) : hub_(options) {}

  // Whether the card was chosen for that person.
  bool Ask(int number) { return AskTogether(number, number + 1) == 1; }
  // How many of so many people get the card, who ask at the same time.
  int AskTogether(int from, int to) {
    std::vector<log::Entry> asks;
    int answered = 0;
    int chosen = 0;
    for (int number = from; number < to; ++number) {
      const base::RecordId id = hub_.hub().DrawId();
      hub_.hub().runtime().Await(id, [&](absl::StatusOr<std::string> made) {
        ASSERT_TRUE(made.ok()) << made.status();
        ASSERT_TRUE(decision::Parse(*made, last_));
        EXPECT_EQ(*decision::Replay(last_), *made);
        ++answered;
        chosen += last_.chosen(0).nothing() ? 0 : 1;
      });
      asks.push_back(hub_.DecisionEntry(id, NameOf(number)));
    }
    hub_.Append(std::move(asks));
    EXPECT_EQ(answered, to - from) << "every decision is answered";
    return chosen;
  }
  // How many of so many people get the card.
  int Count(int from, int to) {
    int count = 0;
    for (int i = from; i < to; ++i) count += Ask(i) ? 1 : 0;
    return count;
  }

  struct Sums {
    int64_t granted = 0;
    int64_t reserved = 0;
    int64_t spent = 0;
    int64_t free = 0;
  };
  // Of all partitions and periods, in units.
  Sums SumsOf() {
    Sums sums;
    for (uint16_t p = 0; p < hub_.hub().partitions(); ++p) {
      PartitionState& state = hub_.FoldOf(base::PartitionId{p}).state();
      for (const auto& [key, lease] : state.RowsOf<policy::Lease>(RowKind::kLease)) {
        sums.granted += lease.granted() / 1'000'000;
        sums.reserved += lease.reserved() / 1'000'000;
        sums.spent += lease.spent() / 1'000'000;
        sums.free += policy::FreeOf(lease) / 1'000'000;
      }
    }
    return sums;
  }

  // How many leases wait for an answer of their owner.
  int LeasesAsked() {
    int asked = 0;
    for (uint16_t p = 0; p < hub_.hub().partitions(); ++p) {
      PartitionState& state = hub_.FoldOf(base::PartitionId{p}).state();
      for (const auto& [key, lease] : state.RowsOf<policy::Lease>(RowKind::kLease)) {
        asked += lease.asked() > 0 || lease.topping() ? 1 : 0;
      }
    }
    return asked;
  }

  log::Entry Erasure(const std::string& user) {
    EraseAsk erase;
    erase.set_request_id(hub_.hub().DrawId().ToBytes());
    erase.set_identifier(hub_.hub().vault().HashIdentifier("user_id", user).ToBytes());
    return hub_.Entry(hub_.HomeOf("user_id", user), RecordType::kEraseAsk, erase);
  }
  static std::string NameOf(int number) { return base::StrCat("u", number); }

  TestHub hub_;
  decision::Decision last_;
};

TEST_F(LeaseHub, ABudgetIsUsedUpToTheLastChoiceAndNotBeyond) {
  hub_.Define(base::StrCat(kShop, Budget("100.00")));
  EXPECT_EQ(Count(0, 150), 100);
  EXPECT_EQ(last_.trace().candidates(0).reason(), decision::EXHAUSTED);
  EXPECT_EQ(SumsOf().reserved, 100);
  // The next day there is another.
  hub_.Advance(base::Days(1));
  EXPECT_EQ(Count(150, 200), 50);
}

// Two actions, of which the partner's is worth less; nothing is learned meanwhile.
constexpr std::string_view kPartner =
    "{kind: hub, name: default, spec: {currency: MXN, timeZone: UTC}}\n"
    "---\n{kind: action, name: theirs, spec: {title: Theirs, value: {amount: \"20.00\", currency: "
    "MXN}}}\n"
    "---\n{kind: action, name: fund, spec: {title: Fund, value: {amount: \"60.00\", currency: "
    "MXN}}}\n"
    "---\n{kind: placement, name: home, spec: {channel: web, exposure: decision, ignoredAfter: "
    "30d, choice: {method: "
    "greedy, floor: 0}}}\n"
    "---\n{kind: treatment, name: theirs-web, spec: {action: theirs, channel: web, "
    "placements: [home], variants: [{name: a, content: {}}]}}\n"
    "---\n{kind: treatment, name: fund-web, spec: {action: fund, channel: web, "
    "placements: [home], variants: [{name: a, content: {}}]}}\n";

// An agreement over ten days from now on.
class AgreementHub : public LeaseHub {
 protected:
  void Agree(std::string_view promises) {
    const base::Time now = hub_.clock().Wall();
    hub_.Define(base::StrCat(
        kPartner,
        "---\n{kind: agreement, name: partner, spec: {only: {actions: [theirs]}, starts: \"",
        base::FormatRfc3339(now), "\", ends: \"", base::FormatRfc3339(now + base::Days(10)), "\", ",
        promises, "}}\n"));
  }
  // How many choices were the partner's when so many people have asked every half day.
  int64_t PartnersAfter(int half_days, int people) {
    int64_t partners = 0;
    for (int half_day = 0; half_day < half_days; ++half_day) {
      hub_.Advance(base::Minutes(719));
      for (int i = 0; i < people; ++i) {
        Ask(asked_++);
        partners += last_.chosen(0).action() == "theirs" ? 1 : 0;
      }
    }
    return partners;
  }
  int asked_ = 0;
};

TEST_F(AgreementHub, AMinimumIsReachedThoughItsChoicesAreWorthLess) {
  Agree("atLeast: 60, boost: {amount: \"5.00\", currency: MXN}");
  const int64_t half = PartnersAfter(10, 20);
  EXPECT_GE(half, 26) << "nearly as many as are due";
  EXPECT_LE(half, 31);
  const int64_t all = half + PartnersAfter(10, 20);
  EXPECT_GE(all, 58);
  EXPECT_LE(all, 60) << "no more than was promised";
}

TEST_F(AgreementHub, ABoostThatIsTooSmallChangesNothing) {
  Agree("atLeast: 60, boost: {amount: \"1.90\", currency: MXN}");
  EXPECT_EQ(PartnersAfter(4, 10), 0);
}

TEST_F(AgreementHub, NoneIsPushedBeyondTheCap) {
  Agree("atMost: 4, atLeast: 4, boost: {amount: \"5.00\", currency: MXN}");
  EXPECT_EQ(PartnersAfter(20, 10), 4);
}

TEST_F(LeaseHub, WhatExpiresIsChosenAgain) {
  hub_.Define(base::StrCat(kShop, Budget("10.00")));
  EXPECT_EQ(Count(0, 20), 10);
  hub_.Advance(base::Minutes(61));
  EXPECT_EQ(SumsOf().reserved, 0);
  EXPECT_EQ(Count(20, 40), 10);
}

TEST_F(LeaseHub, WhatIsShownIsSpent) {
  hub_.Define(base::StrCat(kShop, Budget("10.00")));
  for (int i = 0; i < 6; ++i) {
    ASSERT_TRUE(Ask(i));
    hub_.Report(last_, decision::OutcomeKind::kExposed);
  }
  EXPECT_EQ(SumsOf().spent, 6);
  hub_.Advance(base::Minutes(61));
  EXPECT_EQ(Count(20, 40), 4);
}

TEST_F(LeaseHub, AFailureGivesBack) {
  hub_.Define(base::StrCat(kShop, Budget("1.00")));
  ASSERT_TRUE(Ask(0));
  EXPECT_FALSE(Ask(1));
  ASSERT_TRUE(last_.chosen(0).nothing());
  const auto person = hub_.Person("user_id", NameOf(0));
  decision::Decision first;
  first.set_id(person->open().decisions(0).decision());
  hub_.Report(first, decision::OutcomeKind::kFailed);
  EXPECT_TRUE(Ask(2));
}

TEST_F(LeaseHub, LoweringTheLimitHoldsAtOnce) {
  hub_.Define(base::StrCat(kShop, Budget("100.00")));
  EXPECT_EQ(Count(0, 30), 30);
  hub_.Define(Budget("20.00"));
  EXPECT_EQ(Count(30, 60), 0);
  hub_.Define(Budget("50.00"));
  EXPECT_EQ(Count(60, 120), 20);
  EXPECT_EQ(SumsOf().reserved, 50);
}

TEST_F(LeaseHub, WithoutTheBudgetNothingLimits) {
  hub_.Define(base::StrCat(kShop, Budget("5.00")));
  EXPECT_EQ(Count(0, 10), 5);
  hub_.Define("", {{"budget", "daily"}});
  EXPECT_EQ(Count(10, 20), 10);
  // What had been spent under it is remembered.
  hub_.Define(Budget("7.00"));
  EXPECT_EQ(Count(20, 30), 2);
}

TEST_F(LeaseHub, WhatWasShownIsSpentThoughItsPersonIsErasedMeanwhile) {
  hub_.Define(base::StrCat(
      kShop, Budget("3.00"),
      "---\n{kind: placement, name: now, spec: {channel: web, exposure: decision, choice: {method: "
      "greedy, floor: 0}}}\n---\n{kind: treatment, name: card-now, spec: {action: card, channel: "
      "web, placements: [now], variants: [{name: a, content: {}}]}}\n"));
  int shown = 0;
  for (int i = 0; i < 8; ++i) {
    const base::RecordId id = hub_.hub().DrawId();
    hub_.hub().runtime().Await(id, [&](const absl::StatusOr<std::string>& made) {
      if (!made.ok()) return;  // erased before anything was decided
      ASSERT_TRUE(decision::Parse(*made, last_));
      shown += last_.chosen(0).nothing() ? 0 : 1;
    });
    decision::DecisionRequest request;
    request.set_placement("now");
    hub_.Append({hub_.DecisionEntry(id, NameOf(i), request), Erasure(NameOf(i))});
  }
  EXPECT_EQ(shown, 3);
  EXPECT_EQ(SumsOf().spent, 3);
  EXPECT_EQ(SumsOf().reserved, 0);
}

TEST_F(LeaseHub, APersonWhoIsErasedGivesBackWhatWasReserved) {
  hub_.Define(base::StrCat(kShop, Budget("3.00")));
  EXPECT_EQ(Count(0, 5), 3);
  for (int i = 0; i < 3; ++i) hub_.Append({Erasure(NameOf(i))});
  EXPECT_EQ(SumsOf().reserved, 0);
  EXPECT_EQ(Count(10, 20), 3);
}

TEST_F(LeaseHub, WhoMergesAwayTakesReservationsAlong) {
  hub_.Define(base::StrCat(kShop, Budget("40.00")));
  EXPECT_EQ(Count(0, 40), 40);
  for (int i = 0; i < 40; i += 2) {
    hub_.Append(
        {hub_.Event({.name = "met",
                     .identifiers = {{"user_id", NameOf(i)}, {"email", base::StrCat("e", i)}}})});
    hub_.Append({hub_.Event(
        {.name = "met",
         .identifiers = {{"anonymous_id", NameOf(i + 1)}, {"email", base::StrCat("e", i)}}})});
  }
  EXPECT_EQ(SumsOf().reserved, 40);
  hub_.Advance(base::Minutes(61));  // they expire wherever their people are now
  EXPECT_EQ(SumsOf().reserved, 0);
  EXPECT_EQ(Count(100, 150), 40);
}

TEST_F(LeaseHub, ACrashNeitherLosesNorDoubles) {
  hub_.Define(base::StrCat(kShop, Budget("60.00")));
  int count = 0;
  for (int i = 0; i < 90; ++i) {
    count += Ask(i) ? 1 : 0;
    if (i % 10 == 5) {
      const std::string before = hub_.StateHashes();
      hub_.Crash(static_cast<uint64_t>(i));
      hub_.Run();
      EXPECT_EQ(hub_.StateHashes(), before);
    }
  }
  EXPECT_EQ(count, 60);
  EXPECT_EQ(SumsOf().reserved, 60);
}

TEST_F(LeaseHub, SlicesGoHomeWhenThePeriodEnds) {
  hub_.Define(base::StrCat(kShop, Budget("1000.00")));
  EXPECT_EQ(Count(0, 9), 9);
  EXPECT_GT(SumsOf().free, 0);
  hub_.Advance(base::Days(1));
  EXPECT_EQ(SumsOf().free, 0);
  EXPECT_EQ(SumsOf().granted, 0);  // nothing was shown
  hub_.Advance(base::Days(41));
  Ask(0);
  EXPECT_EQ(SumsOf().reserved, 1);
}

TEST_F(LeaseHub, AnEvenPaceSpreadsTheDay) {
  hub_.Define(base::StrCat(kShop, Budget("1000.00", "per: day, pace: even")));
  hub_.Advance(base::Days(1));
  // The clock of the hub may stand anywhere in the day.
  const int64_t day = base::Days(1).micros;
  hub_.Advance(base::Duration{day - hub_.clock().Wall().micros % day});
  int total = 0;
  for (int hour = 0; hour < 24; ++hour) {
    for (int i = 0; i < 100 && Ask(1000 * hour + i); ++i) {
      hub_.Report(last_, decision::OutcomeKind::kExposed);
      ++total;
    }
    EXPECT_EQ(last_.trace().candidates(0).reason(), decision::PACED);
    EXPECT_NEAR(total, 1000.0 * (hour / 24.0 + 0.01), 2) << hour;
    hub_.Advance(base::Hours(1));
  }
}

// Each needs the last of three constraints, whose owners are apart.
TEST_F(LeaseHub, WhoNeedTheSameThingsAtOnceDoNotTakeThemFromEachOtherForEver) {
  for (int round = 0; round < 20; ++round) {
    SCOPED_TRACE(round);
    const std::string limit = base::StrCat(round % 3 + 1);
    hub_.Define(base::StrCat(
        kShop, "---\n{kind: budget, name: a", round, ", spec: {limit: {amount: \"", limit,
        ".00\", currency: MXN}, per: day}}\n---\n{kind: capacity, name: b", round,
        ", spec: {max: ", limit, ", per: day}}\n---\n{kind: budget, name: c", round,
        ", spec: {limit: {amount: \"", limit, ".00\", currency: MXN}, per: week}}\n"));
    const int begin = 100 * round;
    const int together = AskTogether(begin, begin + 20);
    // One who was told that there is nothing may have been told while another still waited.
    EXPECT_EQ(together + Count(begin + 20, begin + 25), round % 3 + 1);
    hub_.Define("", {{"budget", base::StrCat("a", round)},
                     {"capacity", base::StrCat("b", round)},
                     {"budget", base::StrCat("c", round)}});
  }
}

// More than are read of the queue at once, of whom the last get nothing.
TEST_F(LeaseHub, AllWhoWaitTogetherAreServedInTheOrderInWhichTheyCame) {
  hub_.Define(base::StrCat(kShop, Budget("70.00")));
  std::vector<log::Entry> asks;
  std::vector<int> served;
  std::vector<int> refused;
  for (int number = 0; static_cast<int>(asks.size()) < 100; ++number) {
    // All of one partition, so that their order is one.
    if (hub_.HomeOf("user_id", NameOf(number)) != base::PartitionId{0}) continue;
    const base::RecordId id = hub_.hub().DrawId();
    hub_.hub().runtime().Await(id, [&, number](const absl::StatusOr<std::string>& made) {
      ASSERT_TRUE(made.ok()) << made.status();
      ASSERT_TRUE(decision::Parse(*made, last_));
      (last_.chosen(0).nothing() ? refused : served).push_back(number);
    });
    asks.push_back(hub_.DecisionEntry(id, NameOf(number)));
  }
  hub_.Append(std::move(asks));
  EXPECT_EQ(served.size(), 70U);
  EXPECT_TRUE(std::is_sorted(served.begin(), served.end()));
  ASSERT_EQ(refused.size(), 30U);
  EXPECT_TRUE(std::is_sorted(refused.begin(), refused.end()));
  EXPECT_GT(refused.front(), served.back());
  EXPECT_EQ(LeasesAsked(), 0);
}

// A hub that rests for weeks while a decision waits: the owner has forgotten the day by then.
TEST_F(LeaseHub, WhoWaitsForADayThatIsForgottenIsAnswered) {
  hub_.Define(base::StrCat(kShop, Budget("8.00")));
  int waiting = 0;
  for (int steps = 0; steps < 40; ++steps) {
    SCOPED_TRACE(steps);
    Count(100 * steps, 100 * steps + 5);  // what is left has to be recalled
    std::vector<log::Entry> asks;
    int answered = 0;
    for (int number = 100 * steps + 10; number < 100 * steps + 20; ++number) {
      const base::RecordId id = hub_.hub().DrawId();
      hub_.hub().runtime().Await(id, [&](absl::StatusOr<std::string> made) {
        ASSERT_TRUE(made.ok()) << made.status();
        ++answered;
      });
      asks.push_back(hub_.DecisionEntry(id, NameOf(number)));
    }
    BATUTA_CHECK_OK(hub_.hub().runtime().Append(std::move(asks), nullptr));
    for (int step = 0; step < steps; ++step) {
      hub_.hub().runtime().StepCommit();
      hub_.hub().runtime().StepPartition(base::PartitionId{static_cast<uint16_t>(step % 3)});
    }
    waiting += LeasesAsked();
    hub_.Advance(base::Days(41));
    EXPECT_EQ(answered, 10);
    EXPECT_EQ(LeasesAsked(), 0);
  }
  EXPECT_GE(waiting, 5);
}

TEST_F(LeaseHub, OutsideOfItsDatesACampaignHasNothing) {
  const base::Time now = hub_.clock().Wall();
  const std::string starts = base::FormatRfc3339(now + base::Hours(1));
  const std::string ends = base::FormatRfc3339(now + base::Hours(2));
  hub_.Define(base::StrCat(kShop, Budget("5.00", base::StrCat("per: campaign, starts: \"", starts,
                                                              "\", ends: \"", ends, "\""))));
  EXPECT_EQ(Count(0, 3), 0);
  hub_.Advance(base::Minutes(61));
  EXPECT_EQ(Count(3, 6), 3);
  hub_.Advance(base::Hours(1));
  EXPECT_EQ(Count(6, 9), 0);
}

}  // namespace
}  // namespace batuta::engine

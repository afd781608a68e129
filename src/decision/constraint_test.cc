// What budgets and capacities make of a decision: what waits, what falls out, what is held, told
// and replayed, and how the life of a choice goes on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "base/text.h"
#include "base/value.h"
#include "decision/decide.h"
#include "decision/explain.h"
#include "decision/explain_words.h"
#include "decision/lifecycle.h"
#include "decision/replay.h"
#include "decision/sample_hub.h"

namespace batuta::decision {
namespace {

using testing::HasSubstr;

constexpr std::string_view kShop =
    "kind: hub\nspec: {currency: MXN, timeZone: UTC}\n"
    "---\nkind: placement\nname: home\n"
    "spec: {channel: web, slots: 2, choice: {method: greedy, floor: 0}, expiresAfter: 1h}\n"
    "---\nkind: budget\nname: daily\n"
    "spec: {limit: {amount: \"100.00\", currency: MXN}, per: day}\n";

// As if the partition's leases were these.
class GivenLeases : public policy::LeaseView {
 public:
  policy::LeaseReading Read(const policy::Constraint& constraint) const override {
    const auto found = readings.find(constraint.name);
    policy::LeaseReading reading;
    if (found != readings.end()) reading = found->second;
    const policy::Period period = policy::PeriodOf(constraint, kNoon, absl::UTCTimeZone());
    reading.key = policy::KeyOf(constraint, period);
    reading.ends = period.end;
    return reading;
  }
  std::map<std::string, policy::LeaseReading> readings;
};

policy::LeaseReading Left(int64_t units) { return {.key = {}, .left = units * 1'000'000}; }
policy::LeaseReading Exhausted(int64_t units, int64_t short_from = 1) {
  return {.key = {}, .left = units * 1'000'000, .short_from = short_from};
}

class Constrained : public testing::Test {
 protected:
  void Define(std::string_view more) { hub_.catalogue = CatalogueOf(base::StrCat(kShop, more)); }

  Decision Decide(uint32_t slots = 1, bool dry_run = false) {
    DecisionRequest asked;
    asked.set_placement("home");
    asked.set_slots(slots);
    asked.set_dry_run(dry_run);
    shortages_.clear();
    auto decision = batuta::decision::Decide(asked, {.catalogue = *hub_.catalogue,
                                                     .models = hub_.models,
                                                     .person = hub_.person,
                                                     .contacts = hub_.contacts,
                                                     .decision = DecisionNumber(1),
                                                     .person_id = PersonNumber(1),
                                                     .now = kNoon,
                                                     .leases = &leases_,
                                                     .shortages = &shortages_});
    EXPECT_TRUE(decision.ok()) << decision.status();
    if (!decision.ok()) return {};
    if (shortages_.empty()) {
      EXPECT_EQ(*Replay(*decision), Serialize(*decision));
      EXPECT_EQ(*Replay(*decision, *hub_.catalogue), Serialize(*decision));
    }
    return *std::move(decision);
  }

  static std::string Why(const CandidateTrace& candidate, Language language = Language::kEnglish) {
    return ReasonText(candidate.reason(), candidate.operands(), language);
  }

  SampleHub hub_;
  GivenLeases leases_;
  std::vector<Shortage> shortages_;
};

constexpr std::string_view kCosts30 = "  cost: {amount: \"30.00\", currency: MXN}\n";

TEST_F(Constrained, ReservesWhatItChooses) {
  Define(ActionYaml("card", "900.00", kCosts30));
  leases_.readings["daily"] = Left(30);
  const Decision decision = Decide();
  EXPECT_TRUE(shortages_.empty());
  ASSERT_EQ(decision.chosen(0).holds_size(), 1);
  const policy::Stake& hold = decision.chosen(0).holds(0);
  EXPECT_EQ(hold.amount(), 30'000'000);
  EXPECT_EQ(hold.key().name(), "daily");
  EXPECT_EQ(base::Time{hold.key().start()}, kNoon - base::Hours(12));
}

TEST_F(Constrained, WaitsForALeaseThatMayCome) {
  Define(ActionYaml("card", "900.00", kCosts30));
  leases_.readings["daily"] = Left(29);
  Decide();
  ASSERT_EQ(shortages_.size(), 1u);
  EXPECT_EQ(shortages_[0].need, 30'000'000);
  // More than so much is not to be had, but this is less.
  leases_.readings["daily"] = Exhausted(29, 30'000'001);
  Decide();
  EXPECT_EQ(shortages_.size(), 1u);
}

TEST_F(Constrained, WhatIsNotToBeHadFallsOut) {
  Define(ActionYaml("card", "900.00", kCosts30));
  leases_.readings["daily"] = Exhausted(29, 30'000'000);
  const Decision decision = Decide();
  EXPECT_TRUE(shortages_.empty());
  EXPECT_TRUE(decision.chosen(0).nothing());
  const CandidateTrace& card = decision.trace().candidates(0);
  EXPECT_EQ(card.reason(), EXHAUSTED);
  EXPECT_EQ(Why(card),
            "The budget daily allows 100.00 until 2024-10-05T00:00:00Z and has less than "
            "30.00 left; this would take 30.00.");
  EXPECT_EQ(Why(card, Language::kSpanish),
            "El presupuesto daily permite 100.00 hasta el 2024-10-05T00:00:00Z y le queda "
            "menos de 30.00; esto tomaría 30.00.");
  const base::Value told = Explain(decision, Language::kEnglish);
  const base::Value* constraints = base::Find(told.object(), "constraints");
  ASSERT_NE(constraints, nullptr);
  EXPECT_EQ(base::Find(constraints->list().values(0).object(), "leftInLease")->text(), "29.00 MXN");
}

TEST_F(Constrained, AnEvenPaceIsToldApart) {
  Define(ActionYaml("card", "900.00", kCosts30));
  leases_.readings["daily"] = {.key = {}, .short_from = 1, .paced = true};
  const Decision decision = Decide();
  EXPECT_EQ(decision.trace().candidates(0).reason(), PACED);
  EXPECT_THAT(Why(decision.trace().candidates(0)), HasSubstr("spread evenly"));
  EXPECT_THAT(Why(decision.trace().candidates(0), Language::kSpanish),
              HasSubstr("se reparte por igual"));
}

TEST_F(Constrained, EarlierSlotsTakeOfItToo) {
  Define(
      base::StrCat(ActionYaml("card", "900.00", kCosts30), ActionYaml("loan", "800.00", kCosts30)));
  leases_.readings["daily"] = Exhausted(50, 50'000'001);
  const Decision decision = Decide(2);
  EXPECT_EQ(decision.chosen(0).action(), "card");
  EXPECT_TRUE(decision.chosen(1).nothing());
  ASSERT_EQ(decision.trace().slots(1).drops_size(), 2);
  EXPECT_EQ(decision.trace().slots(1).drops(1).reason(), EXHAUSTED);
  EXPECT_EQ(decision.trace().slots(1).drops(1).operands().seen(), 20'000'001);
  leases_.readings["daily"] = Left(50);
  Decide(2);
  ASSERT_EQ(shortages_.size(), 1u);
  EXPECT_EQ(shortages_[0].need, 60'000'000);
}

TEST_F(Constrained, WhatCostsNothingNeedsNoMoney) {
  Define(ActionYaml("tip", "9.00"));
  leases_.readings["daily"] = Exhausted(0);
  const Decision decision = Decide();
  EXPECT_EQ(decision.chosen(0).action(), "tip");
  EXPECT_TRUE(decision.trace().leases().empty());
}

TEST_F(Constrained, MandatoryAndTransactionalActionsSpendMoneyToo) {
  Define(ActionYaml("receipt", "1.00",
                    base::StrCat("  class: transactional\n  mandatory: true\n", kCosts30)));
  leases_.readings["daily"] = Exhausted(29);
  EXPECT_TRUE(Decide().chosen(0).nothing());
}

TEST_F(Constrained, ACapacityCountsChoices) {
  Define(base::StrCat(ActionYaml("card", "900.00"),
                      "---\nkind: capacity\nname: desk\n"
                      "spec: {max: 5, per: hour, only: {channels: [web]}}\n"));
  leases_.readings["desk"] = {.key = {}, .left = 1, .short_from = 1};
  EXPECT_EQ(Decide().chosen(0).holds(0).amount(), 1);
  leases_.readings["desk"] = {.key = {}, .short_from = 1};
  const Decision decision = Decide();
  EXPECT_EQ(
      Why(decision.trace().candidates(0)),
      "The capacity desk allows 5 until 2024-10-04T13:00:00Z and has nothing left; this would "
      "take 1.");
  EXPECT_THAT(Why(decision.trace().candidates(0), Language::kSpanish), HasSubstr("La capacidad"));
}

TEST_F(Constrained, ADryRunWaitsForNothing) {
  Define(ActionYaml("card", "900.00", kCosts30));
  EXPECT_EQ(Decide(1, /*dry_run=*/true).chosen(0).action(), "card");
  EXPECT_TRUE(shortages_.empty());
  leases_.readings["daily"] = Exhausted(0);
  EXPECT_TRUE(Decide(1, /*dry_run=*/true).chosen(0).nothing());
}

TEST_F(Constrained, ADamagedLeaseInATraceIsAnErrorNotACrash) {
  Define(ActionYaml("card", "900.00", kCosts30));
  leases_.readings["daily"] = Left(30);
  Decision decision = Decide();
  decision.mutable_trace()->mutable_leases(0)->add_uses(7);
  EXPECT_EQ(Replay(decision).status().code(), absl::StatusCode::kInvalidArgument);
}

// What became of the money, step by step.
class HeldChoice : public Constrained {
 protected:
  HeldChoice() {
    Define(ActionYaml("card", "900.00", kCosts30));
    leases_.readings["daily"] = Left(30);
    Effects effects = Reserve(Decide(), *hub_.catalogue, LifeAt({}));
    EXPECT_TRUE(effects.holds.empty());
  }
  Life LifeAt(base::Duration after) {
    return {.open = open_, .contacts = contacts_, .now = kNoon + after};
  }
  static std::vector<policy::HoldFate> FatesOf(const Effects& effects) {
    std::vector<policy::HoldFate> fates;
    for (const HoldChange& change : effects.holds) fates.push_back(change.fate);
    return fates;
  }
  OpenDecision open_;
  policy::ContactState contacts_;
};

TEST_F(HeldChoice, IsSpentWhenItIsShown) {
  const Effects shown = Report({.kind = OutcomeKind::kExposed}, LifeAt(base::Minutes(1)));
  EXPECT_THAT(FatesOf(shown), testing::ElementsAre(policy::HOLD_SPENT));
  EXPECT_EQ(shown.holds[0].hold.amount(), 30'000'000);
  EXPECT_TRUE(Report({.kind = OutcomeKind::kAccepted}, LifeAt(base::Minutes(2))).holds.empty());
  EXPECT_TRUE(DroppedHolds(open_).empty());
}

TEST_F(HeldChoice, AClickProvesThatItWasShown) {
  EXPECT_THAT(FatesOf(Report({.kind = OutcomeKind::kClicked}, LifeAt(base::Minutes(1)))),
              testing::ElementsAre(policy::HOLD_SPENT));
}

TEST_F(HeldChoice, IsReturnedWhenItExpires) {
  EXPECT_THAT(FatesOf(OnTimer(0, LifeAt(base::Hours(1)))),
              testing::ElementsAre(policy::HOLD_RETURNED));
  EXPECT_TRUE(DroppedHolds(open_).empty());
  EXPECT_THAT(FatesOf(Report({.kind = OutcomeKind::kExposed}, LifeAt(base::Hours(2)))),
              testing::ElementsAre(policy::HOLD_LATE));
}

TEST_F(HeldChoice, IsReturnedWhenItFails) {
  EXPECT_THAT(FatesOf(Report({.kind = OutcomeKind::kFailed}, LifeAt(base::Minutes(1)))),
              testing::ElementsAre(policy::HOLD_RETURNED));
}

TEST_F(HeldChoice, IsReturnedWhenItsPersonGoes) {
  const std::vector<HoldChange> dropped = DroppedHolds(open_);
  ASSERT_EQ(dropped.size(), 1u);
  EXPECT_EQ(dropped[0].fate, policy::HOLD_RETURNED);
  EXPECT_EQ(DroppedHolds(Decide()).size(), 1u);
}

}  // namespace
}  // namespace batuta::decision

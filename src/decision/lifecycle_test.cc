#include "decision/lifecycle.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "decision/sample_hub.h"
#include "learn/beta_model.h"
#include "policy/contacts.h"

namespace batuta::decision {
namespace {

// One choice of one action in one slot, and what follows from it.
class Lifecycle : public testing::Test {
 protected:
  static constexpr std::string_view kUsual = "{channel: web, choice: {method: greedy, floor: 0}}";

  // `more`: of the action, or further documents.
  void Start(std::string_view placement = kUsual, std::string_view more = "") {
    const std::string card =
        ActionYaml("card", "10.00",
                   base::StrCat("  group: credit\n  accept: {event: Card Requested}\n", more));
    hub_.catalogue = CatalogueOf(base::StrCat("kind: placement\nname: home\nspec: ", placement,
                                              "\n", GroupYaml("credit"), card));
    decision_ = hub_.Decide(1);
    reserved_ = Reserve(decision_, *hub_.catalogue, At(base::Duration{}));
  }
  Life At(base::Duration after) {
    return {.open = open_, .contacts = contacts_, .now = kNoon + after};
  }
  Effects Tell(OutcomeKind kind, base::Duration after) {
    Effects effects = Report({.kind = kind, .slot = 0, .at = kNoon + after}, At(after));
    for (const auto& message : effects.training) learn::Train(model_, message, {});
    return effects;
  }
  Effects Tick(base::Duration after) {
    Effects effects = OnTimer(0, At(after));
    for (const auto& message : effects.training) learn::Train(model_, message, {});
    return effects;
  }
  policy::ContactStage Stage() const { return contacts_.contacts(0).stage(); }
  int64_t Positives() const { return Sum(true); }
  int64_t Negatives() const { return Sum(false); }
  int64_t Sum(bool positives) const {
    int64_t sum = 0;
    for (const auto& placement : model_.placements()) {
      for (const auto& counts : placement.counts()) {
        sum += positives ? counts.positives() : counts.negatives();
      }
    }
    return sum / 1'000'000;
  }

  Lifecycle() { model_.set_action("card"); }

  SampleHub hub_;
  Decision decision_;
  OpenDecision open_;
  policy::ContactState contacts_;
  Effects reserved_;
  learn::ModelState model_;
};

TEST_F(Lifecycle, ReservationCountsAndExpires) {
  Start();
  EXPECT_EQ(Stage(), policy::RESERVED);
  EXPECT_EQ(contacts_.contacts(0).group(), "credit");
  ASSERT_EQ(reserved_.timers.size(), 1u);
  EXPECT_EQ(reserved_.timers[0].due, kNoon + base::Minutes(30));
  EXPECT_EQ(Tick(base::Minutes(29)).no_change, NoChange::kNotDue);
  EXPECT_TRUE(Tick(base::Minutes(30)).changed());
  EXPECT_EQ(Stage(), policy::EXPIRED);
  EXPECT_FALSE(policy::Counts(contacts_.contacts(0)));
  EXPECT_FALSE(IsOver(open_));
  EXPECT_TRUE(Tick(base::Minutes(30 + 24 * 60)).changed());
  EXPECT_TRUE(IsOver(open_));
  EXPECT_EQ(Positives() + Negatives(), 0);
}

TEST_F(Lifecycle, ExposureAtDecisionNeedsNoImpression) {
  Start("{channel: web, exposure: decision, choice: {method: greedy, floor: 0}}");
  EXPECT_EQ(Stage(), policy::EXPOSED);
  ASSERT_EQ(reserved_.timers.size(), 1u);
  EXPECT_EQ(reserved_.timers[0].due, kNoon + base::Hours(24));
  EXPECT_EQ(Tell(OutcomeKind::kExposed, base::Minutes(1)).no_change, NoChange::kDuplicate);
}

TEST_F(Lifecycle, IgnoredByTimeoutTeachesANegative) {
  Start();
  Tell(OutcomeKind::kExposed, base::Minutes(2));
  EXPECT_EQ(Positives() + Negatives(), 0);
  const Effects ignored = Tick(base::Minutes(24 * 60 + 2));
  EXPECT_EQ(Stage(), policy::IGNORED);
  EXPECT_EQ(Negatives(), 1);
  ASSERT_EQ(ignored.timers.size(), 1u);
  EXPECT_EQ(ignored.timers[0].due, kNoon + base::Minutes(2) + base::Days(7));
}

TEST_F(Lifecycle, LaterPositiveReplacesTheIgnoreExactly) {
  Start();
  Tell(OutcomeKind::kExposed, base::Minutes(2));
  Tick(base::Hours(25));
  EXPECT_TRUE(Tell(OutcomeKind::kAccepted, base::Days(3)).changed());
  EXPECT_EQ(Stage(), policy::ACCEPTED);
  EXPECT_EQ(Positives(), 1);
  EXPECT_EQ(Negatives(), 0);
  EXPECT_EQ(Tell(OutcomeKind::kAccepted, base::Days(3)).no_change, NoChange::kDuplicate);
  EXPECT_EQ(Tell(OutcomeKind::kRejected, base::Days(4)).no_change, NoChange::kAlreadyAccepted);
  Tick(base::Minutes(7 * 24 * 60 + 2));
  EXPECT_TRUE(IsOver(open_));
  EXPECT_EQ(Tell(OutcomeKind::kAccepted, base::Days(8)).no_change, NoChange::kClosed);
  EXPECT_EQ(Positives(), 1);
}

TEST_F(Lifecycle, RejectionThenAcceptanceTeachesOnePositive) {
  Start();
  Tell(OutcomeKind::kRejected, base::Minutes(5));
  EXPECT_EQ(Negatives(), 1);
  EXPECT_EQ(Tick(base::Hours(25)).no_change, NoChange::kNotDue);
  Tell(OutcomeKind::kAccepted, base::Minutes(9));
  EXPECT_EQ(Positives(), 1);
  EXPECT_EQ(Negatives(), 0);
}

TEST_F(Lifecycle, RejectionAfterIgnoreTeachesNothingMore) {
  Start();
  Tell(OutcomeKind::kExposed, base::Minutes(1));
  Tick(base::Hours(25));
  EXPECT_TRUE(Tell(OutcomeKind::kRejected, base::Hours(30)).training.empty());
  EXPECT_EQ(Stage(), policy::REJECTED);
  EXPECT_EQ(Negatives(), 1);
}

TEST_F(Lifecycle, OutcomeThroughTheApiImpliesTheExposure) {
  Start();
  const Effects accepted =
      Report({.kind = OutcomeKind::kAccepted,
              .slot = 0,
              .at = kNoon + base::Minutes(3),
              .value = {.micros = 5'000'000, .currency = *base::ParseCurrency("MXN")}},
             At(base::Minutes(3)));
  EXPECT_TRUE(accepted.changed());
  EXPECT_EQ(accepted.timers.size(), 1u);
  EXPECT_EQ(contacts_.contacts(0).exposed_at(), (kNoon + base::Minutes(3)).micros);
  EXPECT_EQ(open_.slots(0).value_micros(), 5'000'000);
  EXPECT_EQ(open_.slots(0).currency(), "MXN");
  ASSERT_EQ(accepted.training.size(), 1u);
  EXPECT_DOUBLE_EQ(accepted.training[0].predicted(), 0.05);
  EXPECT_EQ(accepted.training[0].probability(), 1);
}

TEST_F(Lifecycle, ClickIsNoOutcome) {
  Start();
  EXPECT_TRUE(Tell(OutcomeKind::kClicked, base::Minutes(1)).changed());
  EXPECT_EQ(Stage(), policy::EXPOSED);
  EXPECT_EQ(Tell(OutcomeKind::kClicked, base::Minutes(2)).no_change, NoChange::kDuplicate);
  EXPECT_EQ(Positives() + Negatives(), 0);
}

TEST_F(Lifecycle, LateExposureRevivesAnExpiredReservation) {
  Start();
  Tick(base::Minutes(30));
  EXPECT_TRUE(Tell(OutcomeKind::kExposed, base::Hours(1)).changed());
  EXPECT_EQ(Stage(), policy::EXPOSED);
  EXPECT_TRUE(policy::Counts(contacts_.contacts(0)));
}

TEST_F(Lifecycle, FailureReturnsTheReservationButNotAfterExposure) {
  Start();
  EXPECT_TRUE(Tell(OutcomeKind::kFailed, base::Minutes(1)).changed());
  EXPECT_FALSE(policy::Counts(contacts_.contacts(0)));
  EXPECT_EQ(Tell(OutcomeKind::kFailed, base::Minutes(2)).no_change, NoChange::kDuplicate);
  Tell(OutcomeKind::kExposed, base::Minutes(3));
  EXPECT_EQ(Tell(OutcomeKind::kFailed, base::Minutes(4)).no_change, NoChange::kAlreadyExposed);
}

// A click that models are to predict is the positive; what comes after it teaches nothing more.
TEST_F(Lifecycle, AClickCanBeWhatIsTaught) {
  Start(kUsual, "  label: clicked\n");
  Tell(OutcomeKind::kExposed, base::Minutes(1));
  Tick(base::Hours(25));
  EXPECT_EQ(Negatives(), 1);
  EXPECT_TRUE(Tell(OutcomeKind::kClicked, base::Hours(26)).changed());
  EXPECT_EQ(Positives(), 1);
  EXPECT_EQ(Negatives(), 0);
  EXPECT_TRUE(Tell(OutcomeKind::kAccepted, base::Hours(27)).training.empty());
  EXPECT_EQ(Stage(), policy::ACCEPTED);
}

TEST_F(Lifecycle, ARefundTakesBackTheWorthAndNotTheAcceptance) {
  Start(kUsual,
        "  refund: {event: Returned, window: 20d}\n"
        "---\nkind: hub\nname: default\nspec: {currency: MXN, timeZone: UTC}\n");
  const base::Currency currency = *base::ParseCurrency("MXN");
  const auto tell = [&](OutcomeKind kind, base::Duration after, int64_t micros) {
    return Report({.kind = kind, .at = kNoon + after, .value = {micros, currency}}, At(after));
  };
  EXPECT_EQ(Tell(OutcomeKind::kRefunded, base::Minutes(1)).no_change, NoChange::kNotAccepted);
  const Effects accepted = tell(OutcomeKind::kAccepted, base::Minutes(2), 9'000'000);
  ASSERT_EQ(accepted.training.size(), 1u);
  EXPECT_EQ(accepted.training[0].worth(), 9'000'000);
  const Effects part = tell(OutcomeKind::kRefunded, base::Days(5), 4'000'000);
  ASSERT_EQ(part.training.size(), 1u);
  EXPECT_TRUE(part.training[0].positive() && part.training[0].replaces());
  EXPECT_EQ(part.training[0].worth_before(), 9'000'000);
  EXPECT_EQ(part.training[0].worth(), 5'000'000);
  EXPECT_EQ(Stage(), policy::ACCEPTED);
  // More than is left of it is all of it.
  EXPECT_EQ(tell(OutcomeKind::kRefunded, base::Days(6), 90'000'000).training[0].worth(), 0);
  Tick(base::Days(8));
  EXPECT_FALSE(IsOver(open_)) << "the window of the refund is open";
  Tick(base::Minutes(20 * 24 * 60 + 2));
  EXPECT_TRUE(IsOver(open_));
}

// What a holdout keeps lives unseen: it holds and counts nothing, no report reaches it, and it
// teaches the natural rate alone.
TEST_F(Lifecycle, WhatIsWithheldLivesUnseen) {
  Start(kUsual,
        "---\nkind: holdout\nname: without\nspec: {percent: 100, only: {groups: [credit]}}\n");
  ASSERT_EQ(decision_.withheld_size(), 1);
  ASSERT_EQ(open_.slots_size(), 1);
  EXPECT_TRUE(open_.slots(0).natural());
  EXPECT_EQ(open_.slots(0).slot(), kNaturalSlots);
  EXPECT_TRUE(contacts_.contacts().empty());
  const Outcome bought{.kind = OutcomeKind::kAccepted,
                       .slot = kNaturalSlots,
                       .at = kNoon + base::Days(1),
                       .by_event = true};
  Outcome reported = bought;
  reported.by_event = false;
  EXPECT_EQ(Report(reported, At(base::Days(1))).no_change, NoChange::kNoSuchSlot);
  const Effects accepted = Report(bought, At(base::Days(1)));
  ASSERT_EQ(accepted.training.size(), 1u);
  EXPECT_EQ(accepted.training[0].level(), learn::NATURAL_LEVEL);
  EXPECT_TRUE(accepted.training[0].positive());
  EXPECT_FALSE(accepted.training[0].has_worth());
  EXPECT_TRUE(accepted.holds.empty() && contacts_.contacts().empty());
}

TEST_F(Lifecycle, UnknownSlotIsANoOp) {
  Start();
  EXPECT_EQ(Report({.kind = OutcomeKind::kAccepted, .slot = 7, .at = kNoon}, At({})).no_change,
            NoChange::kNoSuchSlot);
  EXPECT_EQ(OnTimer(7, At({})).no_change, NoChange::kNoSuchSlot);
}

TEST_F(Lifecycle, DryRunAndNothingReserveNothing) {
  Start();
  Decision dry = decision_;
  dry.set_dry_run(true);
  OpenDecision open;
  policy::ContactState contacts;
  EXPECT_TRUE(Reserve(dry, *hub_.catalogue, {open, contacts, kNoon}).timers.empty());
  EXPECT_TRUE(open.decision().empty() && contacts.contacts().empty());
  Decision nothing = decision_;
  nothing.mutable_chosen(0)->Clear();
  nothing.mutable_chosen(0)->set_nothing(true);
  Reserve(nothing, *hub_.catalogue, {open, contacts, kNoon});
  EXPECT_TRUE(open.decision().empty() && contacts.contacts().empty());
}

TEST_F(Lifecycle, ForgottenContactDoesNotHinderTheOutcome) {
  Start();
  contacts_.Clear();
  EXPECT_TRUE(Tell(OutcomeKind::kAccepted, base::Minutes(1)).changed());
  EXPECT_EQ(Positives(), 1);
}

}  // namespace
}  // namespace batuta::decision

// What was promised to partners: who gives way, what is added for a minimum, and that both are told
// and replayed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "base/text.h"
#include "base/value.h"
#include "decision/decide.h"
#include "decision/explain.h"
#include "decision/explain_words.h"
#include "decision/pipeline.h"
#include "decision/replay.h"
#include "decision/sample_hub.h"

namespace batuta::decision {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kShop =
    "kind: hub\nspec: {currency: MXN, timeZone: UTC}\n"
    "---\nkind: placement\nname: home\n"
    "spec: {channel: web, slots: 2, choice: {method: greedy, floor: 0}, expiresAfter: 1h}\n";

std::string AgreementYaml(std::string_view spec) {
  return base::StrCat("---\nkind: agreement\nname: partner\nspec: {", spec, "}\n");
}

// As if the partition's leases had plenty, and the agreement were so far behind.
class GivenBoost : public policy::LeaseView {
 public:
  explicit GivenBoost(int64_t micros) : micros_(micros) {}
  policy::LeaseReading Read(const policy::Constraint& constraint) const override {
    const policy::Period period = policy::PeriodOf(constraint, kNoon, absl::UTCTimeZone());
    return {.key = policy::KeyOf(constraint, period),
            .ends = period.end,
            .left = 1000,
            .share = constraint.at_least,
            .taken = 3,
            .boost = micros_};
  }

 private:
  int64_t micros_;
};

class Agreed : public testing::Test {
 protected:
  void Define(std::string_view more) { hub_.catalogue = CatalogueOf(base::StrCat(kShop, more)); }

  Decision Decide(int64_t boost_micros = 0, uint32_t slots = 2) {
    DecisionRequest asked;
    asked.set_placement("home");
    asked.set_slots(slots);
    const GivenBoost leases(boost_micros);
    auto decision = batuta::decision::Decide(asked, {.catalogue = *hub_.catalogue,
                                                     .models = hub_.models,
                                                     .person = hub_.person,
                                                     .contacts = hub_.contacts,
                                                     .decision = DecisionNumber(1),
                                                     .person_id = PersonNumber(1),
                                                     .now = kNoon,
                                                     .leases = &leases});
    EXPECT_TRUE(decision.ok()) << decision.status();
    if (!decision.ok()) return {};
    EXPECT_EQ(*Replay(*decision), Serialize(*decision));
    EXPECT_EQ(*Replay(*decision, *hub_.catalogue), Serialize(*decision));
    return *std::move(decision);
  }

  static std::vector<std::string> ChosenIn(const Decision& decision) {
    std::vector<std::string> names;
    for (const Chosen& chosen : decision.chosen()) {
      names.push_back(chosen.nothing() ? "nothing" : chosen.action());
    }
    return names;
  }

  SampleHub hub_;
};

TEST_F(Agreed, CompetitorsAreNotShownBesideThePartner) {
  Define(base::StrCat(
      GroupYaml("loans"), ActionYaml("theirs", "90.00"),
      ActionYaml("loan", "80.00", "  group: loans\n"), ActionYaml("fund", "10.00"),
      AgreementYaml("only: {actions: [theirs]}, exclusive: {over: {groups: [loans]}}")));
  const Decision decision = Decide();
  EXPECT_THAT(ChosenIn(decision), ElementsAre("theirs", "fund"));
  const auto& drops = decision.trace().slots(1).drops();
  ASSERT_EQ(drops.size(), 2);
  EXPECT_EQ(drops[0].reason(), EXCLUSIVE);
  EXPECT_EQ(ReasonText(EXCLUSIVE, drops[0].operands(), Language::kEnglish),
            "The agreement partner does not let it stand beside theirs.");
  EXPECT_EQ(ReasonText(EXCLUSIVE, drops[0].operands(), Language::kSpanish),
            "El acuerdo partner no la deja junto a theirs.");
}

TEST_F(Agreed, NorIsThePartnerBesideACompetitorThatIsWorthMore) {
  Define(base::StrCat(
      ActionYaml("theirs", "70.00"), ActionYaml("loan", "80.00"), ActionYaml("fund", "10.00"),
      AgreementYaml("only: {actions: [theirs]}, exclusive: {over: {actions: [loan]}}")));
  EXPECT_THAT(ChosenIn(Decide()), ElementsAre("loan", "fund"));
}

TEST_F(Agreed, AtItsPlacementsThePartnerIsAlone) {
  const std::string actions =
      base::StrCat(GroupYaml("loans"), ActionYaml("loan", "80.00", "  group: loans\n"),
                   ActionYaml("letter", "1.00", "  group: loans\n  class: transactional\n"));
  Define(
      base::StrCat(actions, ActionYaml("theirs", "5.00"),
                   AgreementYaml("only: {actions: [theirs]}, exclusive: {over: {groups: [loans]}, "
                                 "placements: [home]}")));
  const Decision decision = Decide();
  const CandidateTrace& loan = decision.trace().candidates(1);
  EXPECT_EQ(loan.reason(), EXCLUSIVE);
  EXPECT_EQ(loan.stage(), ALLOWED);
  EXPECT_EQ(ReasonText(EXCLUSIVE, loan.operands(), Language::kEnglish),
            "The agreement partner has this placement without this competitor.");
  EXPECT_EQ(ReasonText(EXCLUSIVE, loan.operands(), Language::kSpanish),
            "El acuerdo partner reserva este espacio frente a esta competidora.");
  EXPECT_THAT(ChosenIn(decision), ElementsAre("theirs", "letter"))
      << "what is transactional is nobody's competitor";
}

TEST_F(Agreed, OutsideOfItsDatesNothingIsPromised) {
  Define(base::StrCat(
      ActionYaml("theirs", "90.00"), ActionYaml("loan", "80.00"),
      AgreementYaml("only: {actions: [theirs]}, ends: 2020-01-01T00:00:00Z, atMost: 0, "
                    "exclusive: {over: {actions: [loan]}}")));
  const Decision decision = Decide(5'000'000);
  EXPECT_THAT(ChosenIn(decision), ElementsAre("theirs", "loan"));
  EXPECT_THAT(decision.trace().leases(), IsEmpty());
  EXPECT_THAT(decision.trace().exclusives(), IsEmpty());
}

constexpr std::string_view kMinimum =
    "only: {actions: [theirs]}, per: month, atLeast: 100, boost: {amount: \"5.00\", currency: MXN}";

TEST_F(Agreed, WhatIsBehindIsPushedByNoMoreThanItsBoost) {
  // Both are accepted once in twenty.
  Define(base::StrCat(ActionYaml("theirs", "20.00"), ActionYaml("fund", "60.00"),
                      AgreementYaml(kMinimum)));
  EXPECT_THAT(ChosenIn(Decide(0, 1)), ElementsAre("fund"));
  EXPECT_THAT(ChosenIn(Decide(1'900'000, 1)), ElementsAre("fund"));
  const Decision decision = Decide(2'100'000, 1);
  EXPECT_THAT(ChosenIn(decision), ElementsAre("theirs"));
  const CandidateTrace& theirs = decision.trace().candidates(1);
  EXPECT_DOUBLE_EQ(theirs.net_value(), 1.0 + 2.1);
  EXPECT_THAT(AdmissibleText(theirs, decision, Language::kEnglish),
              HasSubstr("Of that, 2.10 MXN are added for the agreement partner, which is behind."));
  EXPECT_THAT(AdmissibleText(theirs, decision, Language::kSpanish),
              HasSubstr("De eso, 2.10 MXN se suman por el acuerdo partner, que va atrasado."));
  const base::Value explained = Explain(decision, Language::kEnglish);
  const base::Value& constraint =
      base::FindPath(explained.object(), "constraints")->list().values(0);
  EXPECT_EQ(base::Find(constraint.object(), "kind")->text(), "agreement");
  EXPECT_EQ(base::Find(constraint.object(), "share")->number(), 100);
  EXPECT_EQ(base::Find(constraint.object(), "taken")->number(), 3);
  EXPECT_EQ(base::Find(constraint.object(), "boost")->text(), "2.10 MXN");
  EXPECT_EQ(base::Find(constraint.object(), "limit"), nullptr) << "nothing limits it";
}

TEST_F(Agreed, WhatLosesMoreThanItsBoostIsNotChosen) {
  Define(base::StrCat(ActionYaml("theirs", "20.00", "  cost: {amount: \"9.00\", currency: MXN}\n"),
                      AgreementYaml(kMinimum)));
  EXPECT_THAT(ChosenIn(Decide(5'000'000, 1)), ElementsAre("nothing"));
}

TEST_F(Agreed, WhatMayNotBeShownIsNotPushed) {
  Define(base::StrCat(ActionYaml("theirs", "20.00", "  purpose: marketing\n"),
                      AgreementYaml(kMinimum)));
  const Decision decision = Decide(5'000'000, 1);
  EXPECT_THAT(ChosenIn(decision), ElementsAre("nothing"));
  EXPECT_EQ(decision.trace().candidates(0).reason(), CONSENT_MISSING);
  EXPECT_THAT(decision.trace().candidates(0).boosts(), IsEmpty());
}

TEST_F(Agreed, ADamagedTraceIsAnError) {
  Define(base::StrCat(ActionYaml("theirs", "20.00"), AgreementYaml(kMinimum)));
  Decision decision = Decide(1'000'000, 1);
  decision.mutable_trace()->mutable_leases(0)->set_candidates(0, 7);
  EXPECT_EQ(Replay(decision).status().code(), absl::StatusCode::kInvalidArgument);
  decision = Decide(1'000'000, 1);
  decision.mutable_trace()->add_exclusives()->add_rivals(7);
  EXPECT_EQ(Replay(decision).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace batuta::decision

#include "decision/holdouts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/text.h"
#include "base/value.h"
#include "decision/explain.h"
#include "decision/explain_words.h"
#include "decision/replay.h"
#include "decision/sample_hub.h"
#include "decision/why_not.h"

namespace batuta::decision {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kGreedyYaml =
    "kind: hub\nspec: {currency: MXN, timeZone: America/Mexico_City}\n"
    "---\nkind: placement\nname: home\nspec: {channel: web, choice: {method: greedy, floor: 0}}\n";

std::string HoldoutYaml(std::string_view name, std::string_view spec) {
  return base::StrCat("---\nkind: holdout\nname: ", name, "\nspec: {percent: 100, ", spec, "}\n");
}

template <typename... Texts>
SampleHub HubOf(const Texts&... texts) {
  return {.catalogue = CatalogueOf(base::StrCat(kGreedyYaml, texts...))};
}

const CandidateTrace& Find(const Decision& decision, std::string_view action) {
  for (const CandidateTrace& candidate : decision.trace().candidates()) {
    if (candidate.action() == action) return candidate;
  }
  ADD_FAILURE() << action << " is no candidate";
  return CandidateTrace::default_instance();
}

std::string WouldHaveChosen(const Decision& decision) {
  const uint32_t chosen = decision.trace().without_holdout(0).chosen();
  return chosen == 0 ? "" : decision.trace().candidates(static_cast<int>(chosen) - 1).action();
}

std::string WhyHeld(const Decision& decision, std::string_view action, Language language) {
  const CandidateTrace& candidate = Find(decision, action);
  return ReasonText(candidate.reason(), candidate.operands(), language);
}

void ExpectReplay(const Decision& decision, const SampleHub& hub) {
  EXPECT_EQ(*Replay(decision), Serialize(decision));
  EXPECT_EQ(*Replay(decision, *hub.catalogue), Serialize(decision));
}

TEST(Holdouts, OfOneActionLetTheOthersCompete) {
  const SampleHub hub = HubOf(ActionYaml("card", "30.00"), ActionYaml("loan", "10.00"),
                              HoldoutYaml("no-card", "only: {actions: [card]}"));
  const Decision decision = hub.Decide(1);
  EXPECT_EQ(Find(decision, "card").reason(), HELD_OUT);
  EXPECT_EQ(decision.chosen(0).action(), "loan");
  EXPECT_EQ(WouldHaveChosen(decision), "card");
  EXPECT_EQ(decision.holdout(), "no-card");
  EXPECT_EQ(decision.arm(), NOTHING_ARM);
  EXPECT_EQ(WhyHeld(decision, "card", Language::kEnglish),
            "The person belongs to the holdout no-card, which does not get this action.");
  EXPECT_EQ(WhyHeld(decision, "card", Language::kSpanish),
            "La persona pertenece al grupo de control no-card, que no recibe esta acción.");
  ExpectReplay(decision, hub);
}

TEST(Holdouts, OfAGroupSpareTransactionalActionsAndNoOthers) {
  const SampleHub hub =
      HubOf(GroupYaml("credit"), ActionYaml("card", "30.00", "  group: credit\n"),
            ActionYaml("advice", "20.00", "  group: credit\n  class: service\n"),
            ActionYaml("statement", "5.00", "  group: credit\n  class: transactional\n"),
            HoldoutYaml("no-credit", "only: {groups: [credit]}"));
  const Decision decision = hub.Decide(1);
  EXPECT_EQ(Find(decision, "card").reason(), HELD_OUT);
  EXPECT_EQ(Find(decision, "advice").reason(), HELD_OUT);
  EXPECT_EQ(decision.chosen(0).action(), "statement");
  EXPECT_EQ(WhyHeld(decision, "card", Language::kEnglish),
            "The person belongs to the holdout no-credit, which gets nothing of the group credit.");
  EXPECT_EQ(
      WhyHeld(decision, "advice", Language::kSpanish),
      "La persona pertenece al grupo de control no-credit, que no recibe nada del grupo credit.");
  ExpectReplay(decision, hub);
}

TEST(Holdouts, MeetPeopleInBothArmsOnlyWhereWhatTheyAreAboutCameSoFar) {
  const auto hub_with = [](std::string_view percent, std::string_view card) {
    return HubOf(ActionYaml("card", "30.00", card), ActionYaml("loan", "10.00"),
                 "---\nkind: holdout\nname: no-card\nspec: {percent: ", percent,
                 ", only: {actions: [card]}}\n");
  };
  for (const std::string_view percent : {"0", "100"}) {
    const SampleHub open = hub_with(percent, "");
    const Decision met = open.Decide(1);
    const auto meetings = MeetingsOf(*open.catalogue, met);
    ASSERT_EQ(meetings.size(), 1u);
    EXPECT_EQ(meetings[0].held(), percent == "100");
    const SampleHub over = hub_with(percent, "  ends: 2020-01-01T00:00:00Z\n");
    const Decision decision = over.Decide(1);
    EXPECT_THAT(MeetingsOf(*over.catalogue, decision), IsEmpty());
    EXPECT_EQ(decision.arm(), NO_HOLDOUT);
    EXPECT_THAT(decision.trace().without_holdout(), IsEmpty());
  }
}

TEST(Holdouts, OfWhatAnotherOneHoldsOutMeetAsWell) {
  const SampleHub hub =
      HubOf(ActionYaml("card", "30.00"), ActionYaml("loan", "10.00"),
            HoldoutYaml("no-card", "only: {actions: [card]}"), HoldoutYaml("control", "arm: none"));
  const Decision decision = hub.Decide(1);
  EXPECT_TRUE(decision.chosen(0).nothing());
  EXPECT_EQ(decision.holdout(), "control") << "what is about everything goes first";
  EXPECT_EQ(MeetingsOf(*hub.catalogue, decision).size(), 2u);
  const base::Value explained = Explain(decision, Language::kEnglish);
  EXPECT_EQ(base::FindPath(explained.object(), "holdout.all")->list().values_size(), 2);
}

TEST(Holdouts, ByPropensityRankByTheProbabilityOfAcceptanceAlone) {
  SampleHub hub = HubOf(ActionYaml("card", "30.00", "  lever: 3\n"),
                        ActionYaml("loan", "1.00", "  cost: {amount: \"9.00\", currency: MXN}\n"),
                        ActionYaml("fund", "99.00", "  mandatory: true\n"),
                        HoldoutYaml("by-chance", "arm: propensity"));
  hub.models = ModelsOf({{"card", {2, 50}}, {"loan", {40, 10}}, {"fund", {1, 90}}});
  const Decision decision = hub.Decide(1);
  EXPECT_EQ(decision.chosen(0).action(), "loan");
  EXPECT_EQ(decision.chosen(0).probability(), 1);
  EXPECT_LT(decision.chosen(0).net_value(), 0) << "worth stays worth";
  EXPECT_EQ(WouldHaveChosen(decision), "fund");
  EXPECT_EQ(decision.arm(), PROPENSITY_ARM);
  EXPECT_THAT(Summary(decision, Language::kEnglish),
              HasSubstr("only the probability of acceptance"));
  EXPECT_THAT(Summary(decision, Language::kSpanish), HasSubstr("solo cuenta la probabilidad"));
  const base::Value why = WhyNot(decision, "card", {}, Language::kEnglish);
  EXPECT_THAT(base::Find(why.object(), "why")->text(), HasSubstr("under the holdout by-chance"));
  ExpectReplay(decision, hub);
}

TEST(Holdouts, WithoutLeversCompareWhatThingsAreWorth) {
  const SampleHub hub =
      HubOf(ActionYaml("card", "30.00"), ActionYaml("loan", "10.00", "  lever: 9\n"),
            HoldoutYaml("plain", "arm: noLevers"));
  const Decision decision = hub.Decide(1);
  EXPECT_EQ(decision.chosen(0).action(), "card");
  EXPECT_EQ(WouldHaveChosen(decision), "loan");
  EXPECT_EQ(decision.arm(), NO_LEVERS_ARM);
  const base::Value why = WhyNot(decision, "loan", {}, Language::kSpanish);
  EXPECT_THAT(base::Find(why.object(), "why")->text(), HasSubstr("las palancas no cuentan"));
  ExpectReplay(decision, hub);
}

TEST(Holdouts, WithoutLeversOfSomeLeaveThoseOfOthers) {
  const SampleHub hub =
      HubOf(ActionYaml("card", "30.00"), ActionYaml("loan", "10.00", "  lever: 9\n"),
            ActionYaml("fund", "10.00", "  lever: 8\n"),
            HoldoutYaml("plain-loan", "arm: noLevers, only: {actions: [loan]}"));
  const Decision decision = hub.Decide(1);
  EXPECT_EQ(decision.chosen(0).action(), "fund");
  EXPECT_EQ(WouldHaveChosen(decision), "loan");
  ExpectReplay(decision, hub);
}

TEST(Holdouts, OfSomethingGoTogetherWithAnotherPolicy) {
  SampleHub hub =
      HubOf(ActionYaml("card", "30.00"), ActionYaml("loan", "20.00"), ActionYaml("fund", "1.00"),
            HoldoutYaml("no-fund", "only: {actions: [fund]}"),
            HoldoutYaml("by-chance", "arm: propensity"));
  hub.models = ModelsOf({{"card", {5, 50}}, {"loan", {6, 50}}, {"fund", {40, 10}}});
  const Decision decision = hub.Decide(1);
  EXPECT_EQ(decision.chosen(0).action(), "loan");
  EXPECT_EQ(WouldHaveChosen(decision), "card");
  std::vector<std::string> names;
  for (const HoldoutInForce& one : HoldoutsInForce(decision)) names.push_back(one.read->name());
  EXPECT_THAT(names, ElementsAre("no-fund", "by-chance"));
  ExpectReplay(decision, hub);
}

}  // namespace
}  // namespace batuta::decision

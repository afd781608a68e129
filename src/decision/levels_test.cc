// What issues and groups state for the actions beneath them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "base/value.h"
#include "decision/decide.h"
#include "decision/explain.h"
#include "decision/explain_words.h"
#include "decision/replay.h"
#include "decision/sample_hub.h"

namespace batuta::decision {
namespace {

constexpr std::string_view kThreeSlots =
    "---\nkind: placement\nname: home\n"
    "spec: {channel: web, slots: 3, choice: {method: greedy, floor: 0}}\n";

std::string IssueYaml(std::string_view more) {
  return base::StrCat("---\nkind: issue\nname: grow\nspec:\n  title: Grow\n", more);
}

// A card and a loan in the group `credit` of the issue `grow`, and a fund in none.
SampleHub HubOf(std::string_view issue, std::string_view group, std::string_view card = "") {
  return {.catalogue = CatalogueOf(base::StrCat(
              "kind: hub\nspec: {currency: MXN, timeZone: UTC}\n", kThreeSlots, IssueYaml(issue),
              GroupYaml("credit", base::StrCat("  issue: grow\n", group)),
              ActionYaml("card", "10.00", base::StrCat("  group: credit\n", card)),
              ActionYaml("loan", "30.00", "  group: credit\n"), ActionYaml("fund", "20.00")))};
}

const CandidateTrace& Find(const Decision& decision, std::string_view action) {
  for (const CandidateTrace& candidate : decision.trace().candidates()) {
    if (candidate.action() == action) return candidate;
  }
  ADD_FAILURE() << "no candidate " << action;
  return CandidateTrace::default_instance();
}

std::string Why(const CandidateTrace& candidate, Language language = Language::kEnglish) {
  return ReasonText(candidate.reason(), candidate.operands(), language);
}

void ExpectReplays(const SampleHub& hub, const Decision& decision) {
  const auto alone = Replay(decision);
  ASSERT_TRUE(alone.ok()) << alone.status();
  EXPECT_EQ(*alone, Serialize(decision));
  const auto whole = Replay(decision, *hub.catalogue);
  ASSERT_TRUE(whole.ok()) << whole.status();
  EXPECT_EQ(*whole, Serialize(decision));
}

TEST(Levels, ARuleOfTheIssueHoldsForAllBeneath) {
  SampleHub hub = HubOf("  suitable: person.traits.plan != 'debt'\n", "");
  hub.person.With("plan", base::TextValue("debt"));
  const Decision decision = hub.Decide(1);
  for (const std::string_view action : {"card", "loan"}) {
    const CandidateTrace& candidate = Find(decision, action);
    EXPECT_EQ(candidate.reason(), RULE_FALSE);
    EXPECT_EQ(candidate.stage(), SUITABLE);
    EXPECT_EQ(candidate.operands().level(), ISSUE_LEVEL);
    EXPECT_EQ(candidate.operands().level_name(), "grow");
    EXPECT_EQ(candidate.operands().leaves(0).text(), "person.traits.plan != \"debt\"");
  }
  EXPECT_EQ(Find(decision, "fund").reason(), ADMISSIBLE);
  EXPECT_EQ(Why(Find(decision, "card")),
            "The rule of its issue grow does not hold: plan is \"debt\", needs anything "
            "but \"debt\".");
  EXPECT_THAT(Why(Find(decision, "card"), Language::kSpanish),
              testing::HasSubstr("La regla de su asunto grow no se cumple"));
  ExpectReplays(hub, decision);
  hub.person.With("plan", base::TextValue("gold"));
  EXPECT_EQ(Find(hub.Decide(1), "card").reason(), ADMISSIBLE);
}

TEST(Levels, TheFirstStageIsToldAtItsHighestLevel) {
  // All three levels say no, in three stages and, for the last, in one.
  const SampleHub apart =
      HubOf("  suitable: person.traits.age > 1\n", "  applicable: person.traits.age > 2\n",
            "  eligible: person.traits.age > 3\n");
  const Decision first = apart.Decide(1);
  EXPECT_EQ(Find(first, "card").stage(), ELIGIBLE);
  EXPECT_EQ(Find(first, "card").operands().level(), ACTION_LEVEL);
  EXPECT_EQ(Find(first, "loan").stage(), APPLICABLE);
  EXPECT_EQ(Find(first, "loan").operands().level(), GROUP_LEVEL);
  EXPECT_EQ(Find(first, "loan").operands().level_name(), "credit");
  const SampleHub alike =
      HubOf("  eligible: person.traits.age > 1\n", "  eligible: person.traits.age > 2\n",
            "  eligible: person.traits.age > 3\n");
  EXPECT_EQ(Find(alike.Decide(1), "card").operands().level(), ISSUE_LEVEL);
}

TEST(Levels, DatesOfTheGroupAreHalfOpen) {
  SampleHub hub = HubOf("", "  starts: 2026-01-01T00:00:00Z\n  ends: 2026-02-01T00:00:00Z\n");
  hub.now = *base::ParseTime("2025-12-31T23:59:59.999999Z");
  EXPECT_EQ(Find(hub.Decide(1), "card").reason(), NOT_STARTED);
  EXPECT_EQ(Why(Find(hub.Decide(1), "card")), "Its group credit starts on 2026-01-01T00:00:00Z.");
  hub.now = *base::ParseTime("2026-01-01T00:00:00Z");
  EXPECT_EQ(Find(hub.Decide(1), "card").reason(), ADMISSIBLE);
  hub.now = *base::ParseTime("2026-02-01T00:00:00Z");
  const Decision decision = hub.Decide(1);
  EXPECT_EQ(Find(decision, "card").reason(), ENDED);
  EXPECT_EQ(Why(Find(decision, "card"), Language::kSpanish),
            "Su grupo credit terminó el 2026-02-01T00:00:00Z.");
  EXPECT_EQ(Find(decision, "fund").reason(), ADMISSIBLE);
  ExpectReplays(hub, decision);
}

TEST(Levels, LeversInForceAreMultiplied) {
  SampleHub hub = HubOf("  levers: [{factor: 2}]\n",
                        "  levers: [{factor: 3, starts: 2026-01-01T00:00:00Z, ends: "
                        "2026-02-01T00:00:00Z}]\n",
                        "  lever: 5\n  levers: [{factor: 7, ends: 2026-01-15T00:00:00Z}]\n");
  hub.now = *base::ParseTime("2026-01-01T00:00:00Z");
  Decision decision = hub.Decide(1);
  EXPECT_EQ(Find(decision, "card").lever(), 2 * 3 * 5 * 7);
  EXPECT_EQ(Find(decision, "card").levers_size(), 4);
  EXPECT_EQ(Find(decision, "loan").lever(), 2 * 3);
  EXPECT_EQ(Find(decision, "fund").lever(), 1);
  EXPECT_EQ(Find(decision, "fund").levers_size(), 0);
  EXPECT_NEAR(Find(decision, "card").net_value(), 0.05 * 10 * 210, 1e-9);
  ExpectReplays(hub, decision);
  const base::Value explained = Explain(decision, Language::kEnglish);
  const base::Value& card = base::FindPath(explained.object(), "considered")->list().values(0);
  const base::Value& levers = *base::FindPath(card.object(), "levers");
  EXPECT_EQ(base::FindPath(levers.list().values(3).object(), "name")->text(), "credit");
  EXPECT_EQ(base::FindPath(levers.list().values(3).object(), "factor")->number(), 3);
  hub.now = *base::ParseTime("2026-01-15T00:00:00Z");
  EXPECT_EQ(Find(hub.Decide(1), "card").lever(), 2 * 3 * 5);
  hub.now = *base::ParseTime("2026-02-01T00:00:00Z");
  EXPECT_EQ(Find(hub.Decide(1), "card").lever(), 2 * 5);
}

TEST(Levels, AnActionsOwnLeverAloneIsNotListed) {
  const Decision decision = HubOf("", "", "  lever: 5\n").Decide(1);
  EXPECT_EQ(Find(decision, "card").lever(), 5);
  EXPECT_EQ(Find(decision, "card").levers_size(), 0);
}

TEST(Levels, NoMoreOfAGroupThanMayBeInASlate) {
  const SampleHub free = HubOf("", "");
  EXPECT_EQ(free.Decide(1).chosen(2).action(), "card");
  const SampleHub hub = HubOf("", "  perSlate: 1\n");
  const Decision decision = hub.Decide(1);
  EXPECT_EQ(decision.chosen(0).action(), "loan");
  EXPECT_EQ(decision.chosen(1).action(), "fund");
  EXPECT_TRUE(decision.chosen(2).nothing());
  const Drop& drop = decision.trace().slots(1).drops(0);
  EXPECT_EQ(drop.reason(), SLATE_FULL);
  EXPECT_EQ(ReasonText(drop.reason(), drop.operands(), Language::kEnglish),
            "Earlier slots of this decision hold 1 of its group credit, and at most 1 may be "
            "there.");
  ExpectReplays(hub, decision);
}

TEST(Levels, TheLimitOfAnIssueCountsOverItsGroups) {
  const SampleHub hub{
      .catalogue = CatalogueOf(base::StrCat(
          kThreeSlots, IssueYaml("  perSlate: 1\n"), GroupYaml("credit", "  issue: grow\n"),
          GroupYaml("saving", "  issue: grow\n"), ActionYaml("loan", "30.00", "  group: credit\n"),
          ActionYaml("fund", "20.00", "  group: saving\n"), ActionYaml("tip", "1.00")))};
  const Decision decision = hub.Decide(1);
  EXPECT_EQ(decision.chosen(0).action(), "loan");
  EXPECT_EQ(decision.chosen(1).action(), "tip");
  EXPECT_TRUE(decision.chosen(2).nothing());
  EXPECT_EQ(decision.trace().slots(1).drops(0).operands().level(), ISSUE_LEVEL);
  ExpectReplays(hub, decision);
}

}  // namespace
}  // namespace batuta::decision

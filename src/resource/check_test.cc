#include "resource/check.h"

#include <gtest/gtest.h>

#include <string>

#include "resource/references.h"
#include "resource/yaml.h"

namespace batuta::resource {
namespace {

constexpr char kHub[] = "{kind: hub, spec: {currency: MXN, timeZone: UTC}}\n";
constexpr char kAction[] =
    "{kind: action, name: gold, spec: {title: Oro, value: {amount: \"1\", currency: MXN}}}\n";
constexpr char kPlacement[] = "{kind: placement, name: hero, spec: {channel: web}}\n";
constexpr char kTreatment[] =
    "{kind: treatment, name: gold-web, spec: {action: gold, channel: web, placements: [hero], "
    "variants: [{name: a, content: {}}]}}\n";

std::string Documents(const std::vector<std::string>& documents) {
  std::string text;
  for (const std::string& document : documents) text += (text.empty() ? "" : "---\n") + document;
  return text;
}

Change ChangeOf(const std::string& text) {
  Change change;
  change.documents = ParseDocuments(text, "a.yaml", Format::kYaml).documents;
  return change;
}

std::string CheckText(const std::string& text, const ResourceSet& current = {}) {
  return ToText(Check(current, ChangeOf(text)));
}

ResourceSet Small() {
  return ResourceSet().After(ChangeOf(Documents({kHub, kAction, kPlacement, kTreatment})), {});
}

TEST(Check, ARightChangeHasNoProblems) {
  EXPECT_EQ(CheckText(Documents({kHub, kAction, kPlacement, kTreatment})), "");
  EXPECT_EQ(CheckText(kAction, Small()), "");
}

TEST(Check, WhatIsReferredToExists) {
  EXPECT_EQ(CheckText("kind: treatment\nname: t\nspec:\n  action: gould\n  channel: web\n"
                      "  placements: [hero, nowhere]\n  variants: [{name: a, content: {}}]\n",
                      Small()),
            "a.yaml:4:11: error: there is no action \"gould\"; did you mean \"gold\"? [reference]\n"
            "a.yaml:6:22: error: there is no placement \"nowhere\" [reference]\n");
  EXPECT_EQ(
      CheckText("kind: trait\nname: plan\nspec: {survivorship: mostTrusted, trust: [cmr]}\n---\n"
                "kind: source\nname: crm\n"),
      "a.yaml:3:43: error: there is no source \"cmr\"; did you mean \"crm\"? [reference]\n");
}

TEST(Check, ARemovalSaysWhatItBreaks) {
  Change change;
  change.removals = {{"action", "gold"}};
  EXPECT_EQ(
      ToText(Check(Small(), change)),
      "treatment gold-web /spec/action: error: action \"gold\" is removed by this change, but "
      "treatment \"gold-web\" needs it here; change or remove that too [reference]\n");
  change.removals.push_back({"treatment", "gold-web"});
  EXPECT_EQ(ToText(Check(Small(), change)), "");
}

TEST(Check, ARenameSaysWhatItBreaks) {
  Change change = ChangeOf(
      "{kind: action, name: golden, spec: {title: Oro, value: {amount: \"1\", currency: MXN}}}\n");
  change.removals = {{"action", "gold"}};
  EXPECT_EQ(
      ToText(Check(Small(), change)),
      "treatment gold-web /spec/action: error: action \"gold\" is renamed to \"golden\" by this "
      "change, but treatment \"gold-web\" still names it here; change it to \"golden\" "
      "[reference]\n"
      "a.yaml:1:1: warning: action \"golden\" has no treatment, so it is never shown "
      "[no_treatment]\n");
}

TEST(Check, WhatIsNotStatedIsRemovedOnRequest) {
  Change change = ChangeOf(Documents({kHub, kAction, kTreatment}));
  change.remove_unstated = true;
  EXPECT_EQ(ToText(Check(Small(), change)),
            "a.yaml:5:83: error: placement \"hero\" is removed by this change, but treatment "
            "\"gold-web\" needs it here; change or remove that too [reference]\n");
}

TEST(Check, ARemovalNamesWhatThereIs) {
  Change change = ChangeOf(kAction);
  change.removals = {{"action", "gould"}, {"action", "gold"}};
  EXPECT_EQ(ToText(Check(Small(), change)),
            "action gould: error: there is no action \"gould\" that could be removed; did you mean "
            "\"gold\"? [reference]\n"
            "a.yaml:1:1: error: action \"gold\" is both stated and to be removed [conflict]\n");
}

TEST(Check, NothingIsStatedTwice) {
  EXPECT_EQ(CheckText("kind: source\nname: web\n---\nkind: source\nname: web\n"),
            "a.yaml:5:7: error: source \"web\" is stated twice, first at a.yaml:1:1; state it once "
            "[duplicate]\n");
}

TEST(Check, ATreatmentsChannelIsThatOfItsPlacements) {
  EXPECT_EQ(
      CheckText("kind: placement\nname: inbox\nspec: {channel: app}\n---\nkind: treatment\n"
                "name: t\nspec:\n  action: gold\n  channel: web\n  placements: [hero, inbox]\n"
                "  variants: [{name: a, content: {}}]\n",
                Small()),
      "a.yaml:10:22: error: placement \"inbox\" is of the channel \"app\", but the treatment is "
      "for \"web\" [conflict]\n");
}

TEST(Check, AmountsAreInTheHubsCurrency) {
  EXPECT_EQ(CheckText("kind: action\nname: gold\nspec:\n  title: Oro\n"
                      "  value: {amount: \"1\", currency: USD}\n",
                      Small()),
            "a.yaml:5:34: error: amounts are in the hub's currency MXN, not in USD [conflict]\n");
}

TEST(Check, GroupsAndIssuesExist) {
  EXPECT_EQ(CheckText("kind: action\nname: gold\nspec:\n  title: Oro\n  group: crads\n"
                      "  value: {amount: \"1\", currency: MXN}\n---\n"
                      "kind: group\nname: cards\nspec: {title: Cards, issue: grwo}\n---\n"
                      "kind: issue\nname: grow\nspec: {title: Grow}\n",
                      Small()),
            "a.yaml:5:10: error: there is no group \"crads\"; did you mean \"cards\"? "
            "[reference]\n"
            "a.yaml:10:29: error: there is no issue \"grwo\"; did you mean \"grow\"? "
            "[reference]\n");
}

TEST(Check, WhatIsNeverOfferedIsAContradiction) {
  const std::string issue =
      "kind: issue\nname: grow\nspec: {title: Grow, starts: 2026-03-01T00:00:00Z, ends: "
      "2026-04-01T00:00:00Z}\n---\n";
  const auto group = [](const std::string& dates) {
    return "kind: group\nname: cards\nspec: {title: Cards, issue: grow, " + dates + "}\n";
  };
  EXPECT_EQ(CheckText(issue + group("starts: 2026-03-31T23:59:59Z")), "");
  EXPECT_EQ(CheckText(issue + group("starts: 2026-04-01T00:00:00Z")),
            "a.yaml:7:43: error: it would never be offered: issue \"grow\", to which it belongs, "
            "ends 2026-04-01T00:00:00Z, before this starts [contradiction]\n");
  EXPECT_EQ(CheckText(issue + group("ends: 2026-03-01T00:00:00Z")),
            "a.yaml:7:41: error: it would never be offered: issue \"grow\", to which it belongs, "
            "starts 2026-03-01T00:00:00Z, after this has ended [contradiction]\n");
}

TEST(Check, AnActionWithoutTreatmentIsAWarning) {
  const std::vector<Problem> problems = Check({}, ChangeOf(kAction));
  EXPECT_EQ(ToText(problems),
            "a.yaml:1:1: warning: action \"gold\" has no treatment, so it is never shown "
            "[no_treatment]\n");
  EXPECT_FALSE(HasError(problems));
}

TEST(Check, TakingTheLastTreatmentIsAWarning) {
  Change change;
  change.removals = {{"treatment", "gold-web"}};
  EXPECT_EQ(ToText(Check(Small(), change)),
            "action gold: warning: action \"gold\" has no treatment, so it is never shown "
            "[no_treatment]\n");
}

TEST(Check, ATraitThatIsADerivedFactHasItsType) {
  constexpr char kYear[] = "kind: trait\nname: y\nspec: {trait: birth_year, type: text}\n";
  EXPECT_EQ(CheckText(kYear),
            "a.yaml:3:33: error: birth_year is derived of personal fields, as a number, not as a "
            "text; or leave it out of `derived` of the classification [conflict]\n");
  EXPECT_EQ(CheckText(std::string(kYear) + "---\n{kind: classification, spec: {derived: []}}"), "");
  EXPECT_EQ(CheckText("{kind: trait, name: country, spec: {type: text}}"), "");
  EXPECT_EQ(CheckText("{kind: trait, name: timezone, spec: {survivorship: first}}"), "");
  EXPECT_EQ(CheckText("{kind: trait, name: country, spec: {type: list, survivorship: list}}"), "");
  EXPECT_EQ(CheckText("{kind: trait, name: city, spec: {type: object}}"), "");
}

TEST(Check, AnEventIsDeclaredOnce) {
  EXPECT_EQ(CheckText("{kind: event, name: a, spec: {event: Order Completed}}\n---\n"
                      "{kind: event, name: b, spec: {event: Order Completed}}"),
            "a.yaml:3:38: error: the event \"Order Completed\" is declared by event \"a\" already "
            "[duplicate]\n");
  EXPECT_EQ(CheckText("{kind: event, name: a, spec: {properties: [{name: x}, {name: x}]}}"),
            "a.yaml:1:62: error: the property \"x\" is declared twice [duplicate]\n");
}

TEST(Check, HoldoutsShareThePeople) {
  EXPECT_EQ(
      CheckText("kind: holdout\nname: a\nspec: {percent: 60}\n---\nkind: holdout\nname: b\n"
                "spec: {percent: 50}\n"),
      "a.yaml:7:17: error: all holdouts without \"only\" together have 110 percent of the people; "
      "at most 100 are there [out_of_range]\n");
  EXPECT_EQ(CheckText("kind: holdout\nname: a\nspec: {percent: 60}\n---\nkind: holdout\nname: b\n"
                      "spec: {percent: 50, only: {actions: [gold]}}\n",
                      Small()),
            "");
}

TEST(Check, AgreementsAreOfWhatThereIs) {
  EXPECT_EQ(CheckText("kind: agreement\nname: a\nspec:\n  only: {actions: [gould]}\n  atLeast: 5\n"
                      "  per: day\n  boost: {amount: \"1.00\", currency: EUR}\n"
                      "  exclusive: {over: {groups: [credit]}, placements: [nowhere]}\n",
                      Small()),
            "a.yaml:4:20: error: there is no action \"gould\"; did you mean \"gold\"? [reference]\n"
            "a.yaml:7:37: error: amounts are in the hub's currency MXN, not in EUR [conflict]\n"
            "a.yaml:8:31: error: there is no group \"credit\" [reference]\n"
            "a.yaml:8:54: error: there is no placement \"nowhere\" [reference]\n");
}

TEST(Check, HoldoutsAreOfWhatThereIsAndMayBeKeptBack) {
  EXPECT_EQ(CheckText("kind: holdout\nname: a\nspec:\n  percent: 101\n  arm: nolevers\n"),
            "a.yaml:4:12: error: \"percent\" must be from 0 to 100, but is 101 [out_of_range]\n"
            "a.yaml:5:8: error: \"arm\" cannot be \"nolevers\"; did you mean \"noLevers\"? "
            "[not_allowed]\n");
  EXPECT_EQ(CheckText("kind: holdout\nname: a\nspec:\n  percent: 5\n  only:\n"
                      "    actions: [gould]\n    groups: [credit]\n",
                      Small()),
            "a.yaml:6:15: error: there is no action \"gould\"; did you mean \"gold\"? [reference]\n"
            "a.yaml:7:14: error: there is no group \"credit\" [reference]\n");
  EXPECT_EQ(CheckText("{kind: holdout, name: a, spec: {percent: 5, arm: random, only: {actions: "
                      "[gold]}}}",
                      Small()),
            "a.yaml:1:64: error: the arm \"random\" is another choice among all there is, so it "
            "cannot be about some of it \"only\"; the arms none and noLevers can "
            "[contradiction]\n");
  EXPECT_EQ(CheckText("kind: action\nname: code\nspec: {title: Code, class: transactional, value: "
                      "{amount: \"1\", currency: MXN}}\n---\nkind: treatment\nname: code-web\n"
                      "spec: {action: code, channel: web, placements: [hero], variants: [{name: a, "
                      "content: {}}]}\n---\nkind: holdout\nname: a\nspec: {percent: 5, only: "
                      "{actions: [code]}}\n",
                      Small()),
            "a.yaml:11:37: error: action \"code\" is transactional, and nobody is held out from "
            "that; leave it out [conflict]\n");
}

TEST(Check, EveryProblemComesAtOnceInTheOrderOfTheText) {
  EXPECT_EQ(CheckText("kind: treatment\nname: t\nspec:\n  action: gould\n  channel: web\n"
                      "  placements: [hero]\n  variants: [{name: a, content: {}}]\n---\n"
                      "kind: holdout\nname: h\nspec: {percent: 120}\n---\nkind: holdout\nname: h\n",
                      Small()),
            "a.yaml:4:11: error: there is no action \"gould\"; did you mean \"gold\"? [reference]\n"
            "a.yaml:11:17: error: \"percent\" must be from 0 to 100, but is 120 [out_of_range]\n"
            "a.yaml:13:1: error: \"percent\" is missing: The share of the people, from 0 to 100. "
            "[missing_field]\n"
            "a.yaml:14:7: error: holdout \"h\" is stated twice, first at a.yaml:9:1; state it once "
            "[duplicate]\n");
}

TEST(References, SayWhatUsesAResource) {
  const std::vector<Mention> users = UsersOf(Small(), {"placement", "hero"});
  ASSERT_EQ(users.size(), 1u);
  EXPECT_EQ(users[0].user.name, "gold-web");
  EXPECT_EQ(users[0].pointer, "/spec/placements/0");
}

}  // namespace
}  // namespace batuta::resource

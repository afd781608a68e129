#include "decision/catalogue.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "decision/sample_hub.h"
#include "resource/sample_company.h"

namespace batuta::decision {
namespace {

TEST(Catalogue, ReadsWhatTheResourcesSay) {
  const auto catalogue = CatalogueOf(R"(
kind: hub
spec: {currency: MXN, timeZone: America/Mexico_City}
---
{kind: issue, name: grow, spec: {title: Crecer}}
---
{kind: group, name: cards, spec: {title: Tarjetas, issue: grow, perSlate: 1}}
---
kind: action
name: gold-card
spec:
  title: Tarjeta Oro
  group: cards
  class: service
  value: {amount: "120.00", currency: MXN}
  cost: {amount: "0.10", currency: MXN}
  lever: 2
  eligible: person.traits.country == "MX" && person.traits.plan in ["a", "b"]
  purpose: marketing
  explore: never
  mandatory: true
  accept: {event: Card Requested}
  window: 3d
  starts: 2026-01-01T00:00:00Z
---
kind: treatment
name: gold-web
spec: {action: gold-card, channel: web, placements: [home], variants: [{name: b, content: {h: 1}}, {name: a, content: {h: 2}}]}
---
kind: placement
name: home
spec: {channel: web, slots: 2, exposure: decision, expiresAfter: 5m, ignoredAfter: 2h, choice: {method: thompson, floor: 0.1, draws: 200}}
---
kind: holdout
name: h
spec: {percent: 10, arm: random}
)");
  EXPECT_EQ(catalogue->version(), 1u);
  EXPECT_EQ(base::FormatCurrency(catalogue->currency()), "MXN");
  const Action& action = *catalogue->FindAction("gold-card");
  EXPECT_EQ(action.title, "Tarjeta Oro");
  EXPECT_EQ(action.group, "cards");
  EXPECT_EQ(action.issue, "grow");
  ASSERT_EQ(action.families.size(), 2u);
  EXPECT_EQ(action.families[0]->title, "Crecer");
  EXPECT_EQ(action.families[1]->per_slate, 1u);
  EXPECT_EQ(action.action_class, policy::SERVICE);
  EXPECT_EQ(action.value.micros, 120'000'000);
  EXPECT_EQ(action.cost.micros, 100'000);
  EXPECT_EQ(action.lever, 2);
  ASSERT_NE(action.terms.eligible, nullptr);
  EXPECT_EQ(action.terms.eligible->reads(),
            (std::vector<std::string>{"person.traits.country", "person.traits.plan"}));
  EXPECT_EQ(action.terms.applicable, nullptr);
  EXPECT_TRUE(action.explore_never && action.mandatory);
  EXPECT_EQ(action.accept_event, "Card Requested");
  EXPECT_EQ(action.window, base::Days(3));
  EXPECT_TRUE(action.terms.starts.has_value() && !action.terms.ends.has_value());
  const Placement& home = *catalogue->FindPlacement("home");
  EXPECT_EQ(home.slots, 2u);
  EXPECT_EQ(home.exposure, Exposure::kDecision);
  EXPECT_EQ(home.choice.method, THOMPSON);
  EXPECT_EQ(home.choice.draws, 200u);
  ASSERT_EQ(home.candidates.size(), 2u);
  EXPECT_EQ(home.candidates[0].name, "gold-card/gold-web/a");
  EXPECT_EQ(catalogue->holdouts()[0].arm, RANDOM_ARM);
  EXPECT_EQ(catalogue->FindPlacement("elsewhere"), nullptr);
}

TEST(Catalogue, DefaultsAreThoseOfTheDocumentation) {
  const auto catalogue = CatalogueOf(base::StrCat(kHomeYaml, ActionYaml("card", "5.00")));
  const Placement& home = *catalogue->FindPlacement("home");
  EXPECT_EQ(home.choice.method, SQUARECB);
  EXPECT_EQ(home.choice.gamma_scale, 10);
  EXPECT_EQ(home.exposure, Exposure::kImpression);
  EXPECT_EQ(home.expires_after, base::Minutes(30));
  EXPECT_EQ(home.ignored_after, base::Hours(24));
  EXPECT_EQ(catalogue->FindAction("card")->action_class, policy::MARKETING);
  EXPECT_EQ(catalogue->FindAction("card")->window, base::Days(7));
}

TEST(Catalogue, TooManyCandidatesAreAProblemOfThePlacement) {
  std::string yaml(kHomeYaml);
  std::string variants = "{name: v0, content: {}}";
  for (int i = 1; i < 100; ++i) base::StrAppend(&variants, ", {name: v", i, ", content: {}}");
  for (int action = 0; action < 11; ++action) {
    base::StrAppend(&yaml, ActionYaml(base::StrCat("a", action), "1.00"),
                    "---\nkind: treatment\nname: many", action, "\nspec: {action: a", action,
                    ", channel: web, placements: [home], variants: [", variants, "]}\n");
  }
  std::vector<resource::Problem> problems;
  const auto catalogue = CatalogueOf(yaml, &problems);
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].resource.name, "home");
  EXPECT_TRUE(catalogue->FindPlacement("home")->candidates.empty());
}

TEST(Catalogue, AnActionWithAWrongRuleIsLeftOutAndTold) {
  std::vector<resource::Problem> problems;
  const auto catalogue = CatalogueOf(
      base::StrCat(kHomeYaml, ActionYaml("card", "10.00"),
                   ActionYaml("loan", "10.00",
                              "  eligible: \"person.trait.x == 1\"\n"
                              "  accept: {event: E, where: \"event.propertys.x == 1\"}\n")),
      &problems);
  EXPECT_NE(catalogue->FindAction("card"), nullptr);
  EXPECT_EQ(catalogue->FindAction("loan"), nullptr);
  ASSERT_EQ(problems.size(), 2u);
  EXPECT_EQ(problems[0].pointer, "/spec/eligible");
  EXPECT_EQ(problems[0].inside.column, 8);
  EXPECT_EQ(problems[0].code, "unknown_name");
  EXPECT_EQ(problems[1].pointer, "/spec/accept/where");
}

// A rule that cannot be asked must not let through what it was to hold back.
TEST(Catalogue, WhatIsBeneathAWrongRuleIsLeftOut) {
  std::vector<resource::Problem> problems;
  const auto catalogue = CatalogueOf(
      base::StrCat(kHomeYaml,
                   "---\nkind: issue\nname: grow\nspec: {title: Grow, suitable: "
                   "'person.trait.x == 1'}\n",
                   "---\nkind: group\nname: cards\nspec: {title: Cards, issue: grow}\n",
                   ActionYaml("card", "10.00", "  group: cards\n"), ActionYaml("loan", "10.00")),
      &problems);
  EXPECT_EQ(catalogue->FindIssue("grow"), nullptr);
  EXPECT_EQ(catalogue->FindGroup("cards"), nullptr);
  EXPECT_EQ(catalogue->FindAction("card"), nullptr);
  EXPECT_NE(catalogue->FindAction("loan"), nullptr);
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].resource.kind, "issue");
  EXPECT_EQ(problems[0].pointer, "/spec/suitable");
}

TEST(Catalogue, TheSampleCompanyHasRulesWithoutAnyRemark) {
  resource::Change change;
  change.documents = resource::ParseFiles(resource::ReadSampleCompany()).documents;
  const resource::ResourceSet company = resource::ResourceSet().After(change, {});
  std::vector<resource::Problem> problems;
  const auto catalogue = Catalogue::Compile(company, rule::Vocabulary::Of(company), problems);
  EXPECT_TRUE(problems.empty()) << resource::ToText(problems);
  ASSERT_NE(catalogue->FindAction("credit-card-gold"), nullptr);
  EXPECT_NE(catalogue->FindAction("credit-card-gold")->terms.suitable, nullptr);
}

}  // namespace
}  // namespace batuta::decision

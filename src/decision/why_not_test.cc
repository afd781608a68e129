#include "decision/why_not.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/json.h"
#include "base/random.h"
#include "base/text.h"
#include "base/value.h"
#include "decision/sample_hub.h"

namespace batuta::decision {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string TextIn(const base::Value& value, std::string_view member) {
  const base::Value* found = base::Find(value.object(), member);
  return found == nullptr ? "" : found->text();
}

constexpr std::string_view kGreedyYaml =
    "kind: hub\nspec: {currency: MXN, timeZone: America/Mexico_City}\n"
    "---\nkind: placement\nname: home\nspec: {channel: web, choice: {method: greedy, floor: 0}}\n";

TEST(WhyNot, SaysWhatWasWorthMore) {
  const SampleHub hub{.catalogue = CatalogueOf(base::StrCat(
                          kGreedyYaml, ActionYaml("card", "10.00"), ActionYaml("loan", "30.00")))};
  const base::Value why = WhyNot(hub.Decide(1), "card", {}, Language::kEnglish);
  EXPECT_EQ(TextIn(why, "verdict"), "lost");
  EXPECT_EQ(
      TextIn(why, "why"),
      "It took part, worth 0.5 MXN net, but only the best is taken, and loan is worth 1.5 MXN "
      "net.");
  EXPECT_EQ(TextIn(WhyNot(hub.Decide(1), "loan", {}, Language::kEnglish), "verdict"), "chosen");
}

TEST(WhyNot, SaysWhichRuleWithThePersonsValue) {
  SampleHub hub{
      .catalogue = CatalogueOf(base::StrCat(
          kGreedyYaml, ActionYaml("card", "10.00", "  suitable: person.traits.orders >= 3.0\n")))};
  hub.person.With("orders", base::NumberValue(2));
  const base::Value english = WhyNot(hub.Decide(1), "card", {}, Language::kEnglish);
  EXPECT_EQ(TextIn(english, "verdict"), "excluded");
  EXPECT_EQ(TextIn(english, "stage"), "suitable");
  EXPECT_EQ(TextIn(english, "result"), "ruleFalse");
  EXPECT_EQ(TextIn(english, "why"), "Its rule does not hold: orders is 2, needs at least 3.");
  EXPECT_THAT(TextIn(WhyNot(hub.Decide(1), "card", {}, Language::kSpanish), "why"),
              HasSubstr("Su regla no se cumple: orders es 2"));
}

TEST(WhyNot, TellsWhatWasNoCandidate) {
  const SampleHub hub{.catalogue = CatalogueOf(base::StrCat(
                          kGreedyYaml, ActionYaml("card", "10.00"),
                          "---\nkind: action\nname: loan\nspec: {title: Loan, value: {amount: "
                          "\"1.00\", currency: MXN}}\n"))};
  const SampleHub later{.catalogue = CatalogueOf(base::StrCat(
                            kGreedyYaml, ActionYaml("card", "10.00"), ActionYaml("new", "1.00")))};
  const Decision decision = hub.Decide(1);
  const KnownActions known{.then = hub.catalogue.get(), .now = later.catalogue.get()};
  const auto verdict = [&](std::string_view action) {
    return WhyNot(decision, action, known, Language::kEnglish);
  };
  EXPECT_EQ(TextIn(verdict("loan"), "verdict"), "no_treatment");
  EXPECT_EQ(TextIn(verdict("new"), "verdict"), "no_action");
  EXPECT_THAT(TextIn(verdict("new"), "why"), HasSubstr("It came later."));
  EXPECT_THAT(TextIn(verdict("cardd"), "why"), HasSubstr("Did you mean card?"));
  const base::Value forgotten = WhyNot(decision, "loan", {}, Language::kEnglish);
  EXPECT_EQ(TextIn(forgotten, "verdict"), "unknown");
  EXPECT_THAT(TextIn(forgotten, "why"), HasSubstr("are not kept any more"));
}

TEST(WhyNot, HasAnAnswerForEveryCandidateOfRandomDecisions) {
  base::Random random(6, base::Id128{}, "test", "why-not");
  std::set<std::string> verdicts;
  for (int round = 0; round < 200; ++round) {
    const SampleHub hub = RandomHub(random);
    const Decision decision = hub.Decide(static_cast<uint64_t>(round));
    for (const CandidateTrace& candidate : decision.trace().candidates()) {
      for (const Language language : {Language::kEnglish, Language::kSpanish}) {
        const base::Value why = WhyNot(decision, candidate.action(), {}, language);
        verdicts.insert(TextIn(why, "verdict"));
        ASSERT_FALSE(TextIn(why, "why").empty());
        ASSERT_THAT(TextIn(why, "why"), Not(HasSubstr("$")));
      }
    }
    if (!HoldsNothing(decision)) continue;
    ASSERT_THAT(TextIn(WhyNothing(decision, Language::kSpanish), "why"), Not(HasSubstr("$")));
  }
  EXPECT_EQ(verdicts, (std::set<std::string>{"chosen", "lost", "excluded"}));
}

TEST(WhyNothing, CountsWhatTheStagesTookAway) {
  const SampleHub hub{.catalogue = CatalogueOf(base::StrCat(
                          kGreedyYaml, ActionYaml("card", "10.00", "  purpose: marketing\n"),
                          ActionYaml("loan", "30.00", "  purpose: marketing\n"),
                          ActionYaml("old", "30.00", "  ends: 2020-01-01T00:00:00Z\n")))};
  const base::Value why = WhyNothing(hub.Decide(1), Language::kEnglish);
  EXPECT_EQ(TextIn(why, "why"), "None of 3 candidates was allowed to take part.");
  EXPECT_EQ(base::ToJson(*base::Find(why.object(), "stages")),
            R"([{"stage":"eligible","result":"ended","count":1},)"
            R"({"stage":"allowed","result":"consentMissing","count":2}])");
}

}  // namespace
}  // namespace batuta::decision

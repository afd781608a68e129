// Decisions by models that read what is offered.
#include "decision/offered.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/json.h"
#include "base/text.h"
#include "decision/decide.h"
#include "decision/explain.h"
#include "decision/lifecycle.h"
#include "decision/replay.h"
#include "decision/sample_hub.h"
#include "learn/predictor_code.h"

namespace batuta::decision {
namespace {

std::string HomeYaml(int slots) {
  return base::StrCat(
      "---\nkind: placement\nname: home\nspec: {channel: web, model: clicks, slots: ", slots,
      ", exposure: decision, choice: {method: greedy, floor: 0}}\n");
}

// An action with the variants a and b.
std::string TwoVariants(std::string_view name, std::string_view more = "") {
  return base::StrCat("---\nkind: action\nname: ", name, "\nspec:\n  title: ", name,
                      "\n  value: {amount: \"10.00\", currency: MXN}\n", more,
                      "---\nkind: treatment\nname: ", name, "-web\nspec: {action: ", name,
                      ", channel: web, placements: [home], ",
                      "variants: [{name: a, content: {}}, {name: b, content: {}}]}\n");
}

SampleHub Hub(Sharing sharing, int slots = 1) {
  SampleHub hub{.catalogue = CatalogueOf(base::StrCat(HomeYaml(slots), OfferedYaml(sharing),
                                                      TwoVariants("card"), TwoVariants("loan"))),
                .models = WithOffered({}, {"card"}, 3'000, sharing)};
  hub.person.With("plan", base::TextValue("gold"));
  return hub;
}

double MeanOf(const CandidateTrace& candidate) {
  return candidate.alpha() / (candidate.alpha() + candidate.beta());
}

// The first training message that an acceptance of the slot has as its effect.
learn::TrainingMessage TaughtBy(const Decision& decision, const SampleHub& hub, uint32_t slot) {
  OpenDecision open;
  policy::ContactState contacts;
  Reserve(decision, *hub.catalogue, {open, contacts, hub.now});
  const Effects effects = Report({.kind = OutcomeKind::kAccepted, .slot = slot, .at = hub.now},
                                 {open, contacts, hub.now});
  EXPECT_EQ(effects.training.size(), 1u);
  return effects.training.empty() ? learn::TrainingMessage() : effects.training[0];
}

TEST(Offered, VariantsOfOneActionAreToldApart) {
  const Decision decision = Hub(Sharing::kEach).Decide(1);
  const auto& candidates = decision.trace().candidates();
  ASSERT_EQ(candidates.size(), 4);
  EXPECT_EQ(candidates[0].variant(), "a");
  EXPECT_EQ(candidates[1].variant(), "b");
  EXPECT_GT(MeanOf(candidates[1]), MeanOf(candidates[0]) + 0.1);
  EXPECT_EQ(decision.chosen(0).variant(), "b");
  // What is read of the person stands once, what is read of candidates with each.
  EXPECT_EQ(decision.predictors().codes(1), learn::kMissingCode);
  ASSERT_EQ(candidates[1].codes_size(), 3);
  EXPECT_EQ(candidates[1].codes(0), learn::SymbolCode("b"));
  EXPECT_EQ(candidates[1].codes(1), learn::NumberCode(1));
  EXPECT_EQ(candidates[1].codes(2), learn::NumberCode(10));
}

TEST(Offered, DecisionsAreMadeAgainToTheByte) {
  for (const Sharing sharing : {Sharing::kEach, Sharing::kAll}) {
    const SampleHub hub = Hub(sharing, /*slots=*/2);
    for (uint64_t request = 0; request < 20; ++request) {
      const Decision decision = hub.Decide(request);
      ASSERT_FALSE(decision.chosen(1).nothing());
      EXPECT_EQ(*Replay(decision), Serialize(decision));
      EXPECT_EQ(*Replay(decision, *hub.catalogue), Serialize(decision));
    }
  }
}

TEST(Offered, CandidatesAreComparedInSlotOneAndTheChoiceIsJudgedWhereItStands) {
  const SampleHub hub = Hub(Sharing::kAll, /*slots=*/2);
  const Decision decision = hub.Decide(1);
  const Chosen& first = decision.chosen(0);
  const Chosen& second = decision.chosen(1);
  EXPECT_NE(first.action(), second.action());
  const auto candidate_of = [&](const Chosen& chosen) -> const CandidateTrace& {
    const auto& all = decision.trace().candidates();
    return *std::find_if(all.begin(), all.end(), [&](const CandidateTrace& one) {
      return one.action() == chosen.action() && one.variant() == chosen.variant();
    });
  };
  EXPECT_EQ(first.propensity(), MeanOf(candidate_of(first)));
  EXPECT_EQ(first.codes(1), learn::NumberCode(1));
  EXPECT_LT(second.propensity(), MeanOf(candidate_of(second)) - 0.1);
  EXPECT_LT(second.score(), candidate_of(second).score());
  EXPECT_EQ(second.codes(1), learn::NumberCode(2));
}

TEST(Offered, TeachesTheVariantThatWasShownInTheSlotItStoodIn) {
  const SampleHub hub = Hub(Sharing::kEach, /*slots=*/2);
  const Decision decision = hub.Decide(1);
  const learn::TrainingMessage message = TaughtBy(decision, hub, 1);
  const learn::PredictorValues& values = message.values();
  ASSERT_EQ(values.codes_size(), 4);
  EXPECT_EQ(values.codes(0), learn::SymbolCode("gold"));
  EXPECT_EQ(values.codes(1), learn::SymbolCode(decision.chosen(1).variant()));
  EXPECT_EQ(values.codes(2), learn::NumberCode(2));
  EXPECT_EQ(values.codes(3), learn::NumberCode(10));
  EXPECT_TRUE(values.offered().empty());
  EXPECT_EQ(message.predicted(), decision.chosen(1).propensity());
  EXPECT_EQ(message.score(), decision.chosen(1).score());
}

TEST(Offered, SymbolsThatNoModelNamesAreNoted) {
  const SampleHub hub = Hub(Sharing::kEach);
  const learn::TrainingMessage message = TaughtBy(hub.Decide(1), hub, 0);
  std::vector<std::string> names;
  for (const learn::SymbolText& text : message.values().texts()) names.push_back(text.text());
  EXPECT_EQ(names, (std::vector<std::string>{"gold", "b"}));
}

TEST(Offered, ASharedModelJudgesWhatItHasNoExampleOf) {
  const Decision each = Hub(Sharing::kEach).Decide(1);
  const Decision all = Hub(Sharing::kAll).Decide(1);
  const auto& loan = [](const Decision& decision) -> const CandidateTrace& {
    return decision.trace().candidates(3);
  };
  EXPECT_EQ(loan(all).action(), "loan");
  EXPECT_FALSE(loan(each).has_score());
  EXPECT_DOUBLE_EQ(MeanOf(loan(each)), 0.05);
  EXPECT_TRUE(loan(all).has_score());
  EXPECT_EQ(loan(all).maturity(), 1);
  EXPECT_GT(MeanOf(loan(all)), 0.3);
}

TEST(Offered, IsExplainedByItsName) {
  const Decision decision = Hub(Sharing::kEach).Decide(1);
  const std::string english = base::ToJson(Explain(decision, Language::kEnglish));
  EXPECT_NE(english.find(R"({"predictor":"variant","value":"b","logOdds":)"), std::string::npos)
      << english;
  EXPECT_NE(english.find(R"({"predictor":"variant","value":"a","logOdds":-)"), std::string::npos);
  EXPECT_NE(english.find(R"({"predictor":"slot","value":1,"logOdds":)"), std::string::npos);
}

std::string ReadsAll(std::string_view type) {
  std::string yaml =
      base::StrCat("---\nkind: model\nname: clicks\nspec:\n  type: ", type, "\n  predictors:\n");
  for (const std::string_view part : {"name", "group", "issue", "class", "treatment", "variant",
                                      "value", "cost", "lever", "age", "left"}) {
    base::StrAppend(&yaml, "    - {name: ", part, ", value: ' action.", part, "'}\n");
  }
  return yaml;
}

constexpr std::string_view kFull =
    "  group: cards\n  class: service\n  cost: {amount: \"0.50\", currency: MXN}\n  lever: 2\n"
    "  starts: 2024-10-01T00:00:00Z\n  ends: 2024-10-09T12:00:00Z\n";  // kNoon: 2024-10-04

TEST(Offered, ReadsAllThatIsKnownOfAnAction) {
  SampleHub hub{.catalogue = CatalogueOf(
                    base::StrCat(HomeYaml(1), ReadsAll("trees"), GroupYaml("cards"),
                                 ActionYaml("card", "12.50", kFull), ActionYaml("loan", "80.00")))};
  const Decision decision = hub.Decide(1);
  const CandidateTrace& card = decision.trace().candidates(0);
  using learn::NumberCode;
  using learn::SymbolCode;
  EXPECT_EQ(std::vector<uint64_t>(card.codes().begin(), card.codes().end()),
            (std::vector<uint64_t>{SymbolCode("card"), SymbolCode("cards"), learn::kMissingCode,
                                   SymbolCode("service"), SymbolCode("card-web"), SymbolCode("a"),
                                   NumberCode(12.5), NumberCode(0.5), NumberCode(2),
                                   NumberCode(3.5), NumberCode(5)}));
  ASSERT_EQ(card.numbers_size(), 11);
  EXPECT_EQ(card.numbers(6), 12.5F);
  EXPECT_EQ(card.numbers(9), 3.5F);
  EXPECT_NE(card.numbers(0), card.numbers(0)) << "a text is no number";
  const CandidateTrace& loan = decision.trace().candidates(1);
  EXPECT_EQ(loan.codes(1), learn::kMissingCode) << "it is of no group";
  EXPECT_EQ(loan.codes(9), learn::kMissingCode) << "it began with nothing";
  EXPECT_EQ(loan.codes(10), learn::kMissingCode);
  EXPECT_EQ(*Replay(decision, *hub.catalogue), Serialize(decision));
}

TEST(Offered, OfAnImportedDecisionTheActionIsKnown) {
  const SampleHub hub{.catalogue = CatalogueOf(base::StrCat(HomeYaml(1), OfferedYaml(Sharing::kAll),
                                                            TwoVariants("card"))),
                      .models = WithOffered({}, {"card"}, 3'000, Sharing::kAll)};
  Imported mail;
  mail.set_key("m");
  mail.set_time(kNoon.micros);
  mail.set_action("card");
  mail.set_probability(0.5);
  mail.set_outcome(policy::ACCEPTED);
  const Decision decision = hub.Recount(1, mail);
  const learn::PredictorValues& values = decision.predictors();
  EXPECT_EQ(values.codes(1), learn::kMissingCode);
  EXPECT_EQ(values.codes(2), learn::kMissingCode);
  EXPECT_EQ(values.codes(3), learn::NumberCode(10));
  EXPECT_TRUE(values.offered().empty());
  EXPECT_TRUE(values.shared());
  EXPECT_TRUE(decision.chosen(0).has_score());
}

TEST(Offered, WhatAHoldoutKeepsAwayTeachesWhatItIs) {
  const SampleHub hub{.catalogue = CatalogueOf(
                          base::StrCat(HomeYaml(1), OfferedYaml(Sharing::kEach),
                                       TwoVariants("card", "  accept: {event: Bought}\n"),
                                       "---\nkind: holdout\nname: all\nspec: {percent: 100}\n")),
                      .models = WithOffered({}, {"card"}, 3'000, Sharing::kEach)};
  const Decision decision = hub.Decide(1);
  ASSERT_EQ(decision.withheld_size(), 1);
  EXPECT_EQ(decision.withheld(0).codes(0), learn::SymbolCode("b"));
  EXPECT_EQ(*Replay(decision), Serialize(decision));
  OpenDecision open;
  policy::ContactState contacts;
  Reserve(decision, *hub.catalogue, {open, contacts, hub.now});
  ASSERT_EQ(open.slots_size(), 1);
  EXPECT_EQ(ValuesOf(open, open.slots(0)).codes(1), learn::SymbolCode("b"));
}

std::vector<resource::Problem> ProblemsOf(std::string_view yaml) {
  std::vector<resource::Problem> problems;
  CatalogueOf(yaml, &problems);
  return problems;
}

std::vector<resource::Problem> ProblemsOfPredictor(std::string_view value) {
  return ProblemsOf(base::StrCat("kind: model\nname: m\nspec: {predictors: [{name: p, value: '",
                                 value, "'}]}\n"));
}

TEST(Offered, WhatThereIsNotOfAnActionIsAnError) {
  auto problems = ProblemsOfPredictor("action.varaint");
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].code, "unknown_name");
  EXPECT_EQ(problems[0].pointer, "/spec/predictors/0/value");
  EXPECT_EQ(problems[0].message, "there is no `action.varaint`; did you mean `action.variant`?");
  problems = ProblemsOfPredictor("action");
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].message,
            "say what of the action: age, class, cost, group, issue, left, lever, name, treatment, "
            "value, variant");
}

TEST(Offered, IsReadByItselfAndByModelsAlone) {
  for (const std::string_view value : {"action.value * 2.0", "slot > 1", "size(action.name)"}) {
    const auto problems = ProblemsOfPredictor(value);
    ASSERT_EQ(problems.size(), 1u) << value;
    EXPECT_EQ(problems[0].code, "reserved");
    EXPECT_NE(problems[0].message.find("and nothing beside it"), std::string::npos)
        << problems[0].message;
  }
  const auto problems = ProblemsOf(
      "kind: action\nname: a\nspec: {title: A, eligible: 'action.group == \"g\"', value: {amount: "
      "\"1\", currency: MXN}}\n");
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].message,
            "only a predictor of a model reads `action`, and nothing beside it, as in `value: "
            "action.group`");
}

}  // namespace
}  // namespace batuta::decision

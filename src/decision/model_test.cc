// Decisions at a placement with an adaptive model.
#include <gtest/gtest.h>

#include <algorithm>

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

constexpr std::string_view kHome =
    "---\nkind: placement\nname: home\nspec: {channel: web, model: clicks}\n";

SampleHub Hub(std::string_view plan) {
  SampleHub hub{
      .catalogue = CatalogueOf(base::StrCat(kHome, kClicksYaml, ActionYaml("card", "10.00"))),
      .models = WithAdaptive(learn::Models(), {"card"}, 2'000)};
  if (!plan.empty()) hub.person.With("plan", base::TextValue(plan));
  hub.person.With("age", base::NumberValue(33));
  return hub;
}

int Count(std::string_view text, std::string_view part) {
  int count = 0;
  for (size_t at = text.find(part); at < text.size(); at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(Model, TellsPeopleApart) {
  const Decision gold = Hub("gold").Decide(1);
  const Decision free = Hub("free").Decide(1);
  const auto mean = [](const Decision& decision) {
    const CandidateTrace& card = decision.trace().candidates(0);
    return card.alpha() / (card.alpha() + card.beta());
  };
  EXPECT_GT(mean(gold), 0.3);
  EXPECT_LT(mean(free), 0.2);
  EXPECT_GT(gold.trace().candidates(0).contributions(0), 300);
  EXPECT_LT(free.trace().candidates(0).contributions(0), -300);
}

// The twenty of most net value, and the one that was chosen.
TEST(Model, SaysOfTheBestWhatPredictorsContributed) {
  std::string yaml = base::StrCat(kHome, kClicksYaml);
  std::vector<std::string> actions;
  for (int i = 10; i < 50; ++i) {
    actions.push_back(base::StrCat("card-", i));
    yaml += ActionYaml(actions.back(), base::StrCat(i, ".00"));
  }
  SampleHub hub{.catalogue = CatalogueOf(yaml),
                .models = WithAdaptive(learn::Models(), actions, 2'000)};
  hub.person.With("plan", base::TextValue("gold"));
  int beyond = 0;
  for (uint64_t number = 1; number <= 30; ++number) {
    const Decision decision = hub.Decide(number);
    ASSERT_EQ(decision.trace().candidates_size(), 40);
    const auto chosen = static_cast<int>(decision.trace().slots(0).chosen()) - 1;
    for (int i = 0; i < 40; ++i) {
      const CandidateTrace& candidate = decision.trace().candidates(i);
      EXPECT_TRUE(candidate.has_score());
      // They are worth the more the later they come.
      EXPECT_EQ(candidate.contributions_size(), i >= 20 || i == chosen ? 3 : 0);
    }
    beyond += chosen >= 0 && chosen < 20 ? 1 : 0;
    EXPECT_EQ(Replay(decision).value(), Serialize(decision));
    const std::string why = base::ToJson(Explain(decision, Language::kEnglish));
    EXPECT_EQ(Count(why, "\"score\""), 40);
    EXPECT_EQ(Count(why, "\"contributions\""), chosen >= 0 && chosen < 20 ? 21 : 20);
  }
  EXPECT_GT(beyond, 0) << "exploration chose among the others";
}

TEST(Model, ReadsPersonAndContextAsCodes) {
  SampleHub hub = Hub("gold");
  base::SetField(hub.context, "page", base::TextValue("cart"));
  const Decision decision = hub.Decide(1);
  const learn::PredictorValues& values = decision.predictors();
  ASSERT_EQ(values.codes_size(), 3);
  EXPECT_EQ(values.codes(0), learn::SymbolCode("gold"));
  EXPECT_EQ(values.codes(1), learn::NumberCode(33));
  EXPECT_EQ(values.codes(2), learn::SymbolCode("cart"));
  EXPECT_EQ(decision.trace().predictors(1), "age");
  // The version names gold, and cart it has never seen.
  ASSERT_EQ(values.texts_size(), 1);
  EXPECT_EQ(values.texts(0).text(), "cart");
  EXPECT_TRUE(decision.trace().values().empty());
}

TEST(Model, WhatCannotBeReadIsMissing) {
  SampleHub hub = Hub("");
  hub.person.With("age", base::TextValue("unknown"));
  const Decision decision = hub.Decide(1);
  EXPECT_EQ(decision.predictors().codes(0), learn::kMissingCode);
  EXPECT_EQ(decision.predictors().codes(1), learn::SymbolCode("unknown"));
  EXPECT_EQ(decision.predictors().codes(2), learn::kMissingCode);
}

TEST(Model, OfTypeBetaReadsNothing) {
  SampleHub hub{.catalogue = CatalogueOf(
                    base::StrCat(kHome, "---\nkind: model\nname: clicks\nspec: {type: beta}\n",
                                 ActionYaml("card", "10.00"))),
                .models = WithAdaptive(learn::Models(), {"card"}, 2'000)};
  const Decision decision = hub.Decide(1);
  EXPECT_FALSE(decision.has_predictors());
  EXPECT_FALSE(decision.trace().candidates(0).has_score());
}

TEST(Model, WithoutExamplesHasTheColdStart) {
  SampleHub hub = Hub("gold");
  hub.models = learn::Models();
  const Decision decision = hub.Decide(1);
  EXPECT_EQ(decision.predictors().codes_size(), 3);
  EXPECT_FALSE(decision.trace().candidates(0).has_score());
  EXPECT_DOUBLE_EQ(decision.trace().candidates(0).alpha(), 1);
}

TEST(Model, ReplaysToTheByte) {
  for (const std::string_view plan : {"gold", "free", ""}) {
    const SampleHub hub = Hub(plan);
    for (uint64_t request = 0; request < 20; ++request) {
      const Decision decision = hub.Decide(request);
      EXPECT_EQ(*Replay(decision), Serialize(decision));
      EXPECT_EQ(*Replay(decision, *hub.catalogue), Serialize(decision));
    }
  }
}

TEST(Model, WhatWasReadIsThereWithoutTheTrace) {
  const Decision decision = Hub("gold").Decide(1);
  Decision rest;
  ASSERT_TRUE(ParseWithoutTrace(Serialize(decision), rest));
  EXPECT_FALSE(rest.has_trace());
  EXPECT_EQ(rest.predictors().SerializeAsString(), decision.predictors().SerializeAsString());
  EXPECT_EQ(rest.currency(), decision.currency());
}

// The first of a hub's decisions that chooses the card.
Decision Chosen(const SampleHub& hub) {
  for (uint64_t request = 0;; ++request) {
    Decision decision = hub.Decide(request);
    if (!decision.chosen(0).nothing()) return decision;
  }
}

TEST(Model, IsTaughtWhatItRead) {
  const SampleHub hub = Hub("gold");
  const Decision decision = Chosen(hub);
  OpenDecision open;
  policy::ContactState contacts;
  Reserve(decision, *hub.catalogue, {open, contacts, hub.now});
  const Effects effects =
      Report({.kind = OutcomeKind::kAccepted, .at = hub.now}, {open, contacts, hub.now});
  ASSERT_EQ(effects.training.size(), 1u);
  const learn::TrainingMessage& message = effects.training[0];
  EXPECT_EQ(message.values().SerializeAsString(), decision.predictors().SerializeAsString());
  EXPECT_EQ(message.score(), decision.trace().candidates(0).score());
  EXPECT_TRUE(message.has_score());
}

TEST(Model, ExplainsWhatEachPredictorContributed) {
  const Decision decision = Hub("gold").Decide(1);
  const std::string english = base::ToJson(Explain(decision, Language::kEnglish));
  EXPECT_NE(english.find("\"model\":{\"name\":\"clicks\""), std::string::npos) << english;
  EXPECT_NE(english.find("For it: plan (+"), std::string::npos) << english;
  EXPECT_NE(english.find("\"predictor\":\"plan\""), std::string::npos) << english;
  const std::string spanish = base::ToJson(Explain(decision, Language::kSpanish));
  EXPECT_NE(spanish.find("A favor: plan (+"), std::string::npos) << spanish;
  const Decision free = Hub("free").Decide(1);
  EXPECT_NE(base::ToJson(Explain(free, Language::kEnglish)).find("Against it: plan (-"),
            std::string::npos);
}

// One split: whether the second predictor is below 30.
constexpr std::string_view kStump =
    R"({"learner": {"feature_names": ["isGold", "age"], "objective": {"name": "binary:logistic"},
        "gradient_booster": {"name": "gbtree", "model": {"trees": [{"tree_param": {"num_nodes": "3"},
        "left_children": [1, -1, -1], "right_children": [2, -1, -1], "split_indices": [1, 0, 0],
        "split_conditions": [33.3, -1, 1], "default_left": [1, 0, 0], "sum_hessian": [2, 1, 1]}]}},
        "learner_model_param": {"base_score": "5E-1", "num_feature": "2", "num_target": "1"}}})";

std::string TreesYaml(std::string_view trees) {
  return base::StrCat("---\nkind: model\nname: clicks\nspec:\n  type: trees\n  predictors:\n",
                      "    - {name: age, value: person.traits.age}\n",
                      "    - {name: isGold, value: 'person.traits.plan == \"gold\"'}\n",
                      "  trees: [{xgboost: '", trees, "'}]\n");
}

TEST(Model, TreesReadNumbersAsTheyAre) {
  SampleHub hub{.catalogue = CatalogueOf(
                    base::StrCat(kHome, TreesYaml(kStump), ActionYaml("card", "10.00")))};
  hub.person.With("plan", base::TextValue("gold"));
  const auto mean_at = [&](double age) {
    hub.person.With("age", base::NumberValue(age));
    const Decision decision = hub.Decide(1);
    EXPECT_EQ(decision.predictors().numbers(1), 1);
    EXPECT_EQ(*Replay(decision), Serialize(decision));
    EXPECT_EQ(*Replay(decision, *hub.catalogue), Serialize(decision));
    const CandidateTrace& card = decision.trace().candidates(0);
    EXPECT_TRUE(card.has_score());
    return card.alpha() / (card.alpha() + card.beta());
  };
  // A code would not tell these apart.
  EXPECT_NEAR(mean_at(33.299), 0.268941, 1e-5);
  EXPECT_NEAR(mean_at(33.301), 0.731059, 1e-5);
}

TEST(Model, TreesThatReadSomethingElseAreAnError) {
  std::vector<resource::Problem> problems;
  std::string stump(kStump);
  CatalogueOf(TreesYaml(stump.replace(stump.find("isGold"), 6, "isgold")), &problems);
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].code, "not_a_model");
  EXPECT_EQ(problems[0].pointer, "/spec/trees/0/xgboost");
  EXPECT_NE(problems[0].message.find("did you mean isGold?"), std::string::npos)
      << problems[0].message;
}

TEST(Model, APredictorIsAValueAndNotAList) {
  std::vector<resource::Problem> problems;
  CatalogueOf(
      "kind: model\nname: clicks\nspec:\n  predictors:\n"
      "    - {name: a, value: \"[1, 2]\"}\n    - {name: b, value: person.trait.x}\n"
      "    - {name: c, value: 'size(\"abc\") + 1'}\n",
      &problems);
  ASSERT_EQ(problems.size(), 2u);
  EXPECT_EQ(problems[0].code, "type");
  EXPECT_EQ(problems[0].pointer, "/spec/predictors/0/value");
}

}  // namespace
}  // namespace batuta::decision

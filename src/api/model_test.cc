#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "absl/time/clock.h"
#include "api/test_hub.h"
#include "base/text.h"

namespace batuta::api {
namespace {

using testing::HasSubstr;

constexpr std::string_view kShop = R"(
{kind: action, name: upgrade, spec: {title: Upgrade, value: {amount: "900.00", currency: MXN}}}
---
{kind: model, name: clicks, spec: {halfLife: 30d, predictors: [{name: plan, value: person.traits.plan}, {name: page, value: context.page}]}}
---
{kind: placement, name: spot, spec: {channel: web, exposure: decision, model: clicks, choice: {method: greedy, floor: 0}}}
---
{kind: treatment, name: upgrade-web, spec: {action: upgrade, channel: web, placements: [spot], variants: [{name: a, content: {}}]}}
)";

class ModelRoutes : public testing::Test {
 protected:
  ModelRoutes() { EXPECT_EQ(hub_.Apply(kShop).status, 200); }

  TestAnswer Decide(int person) {
    return hub_.Post("/v1/decisions",
                     base::StrCat(R"({"person":{"userId":"m)", person,
                                  R"("},"placement":"spot","context":{"page":"cart"}})"));
  }
  // People with the plan gold accept, others refuse.
  void Live(int people) {
    for (int i = 0; i < people; ++i) {
      const bool is_gold = i % 2 == 0;
      hub_.Ingest("/v1/identify", base::StrCat(R"({"userId":"m)", i, R"(","traits":{"plan":")",
                                               is_gold ? "gold" : "free", "\"}}"));
      const TestAnswer made = Decide(i);
      ASSERT_EQ(made.status, 200) << made.body;
      const TestAnswer outcome =
          hub_.Post(base::StrCat("/v1/decisions/", made.At("id"), "/outcomes"),
                    is_gold ? R"({"type":"accept"})" : R"({"type":"reject"})");
      ASSERT_LT(outcome.status, 300) << outcome.body;
    }
  }

  TestHub hub_;
};

TEST_F(ModelRoutes, AReportSaysWhatWasLearned) {
  Live(60);
  TestAnswer report = hub_.Get("/v1/models/clicks:report");
  for (int i = 0; i < 1000 && report.At("instances.0.predictors.0.state") != "active"; ++i) {
    absl::SleepFor(absl::Milliseconds(10));
    report = hub_.Get("/v1/models/clicks:report");
  }
  EXPECT_EQ(report.At("model"), "clicks") << report.body;
  EXPECT_EQ(report.At("type"), "adaptive");
  EXPECT_EQ(report.At("halfLife"), "30d");
  EXPECT_EQ(report.At("instances.0.action"), "upgrade");
  EXPECT_EQ(report.At("instances.0.placement"), "spot");
  EXPECT_EQ(report.At("instances.0.predictors.0.predictor"), "plan");
  EXPECT_EQ(report.At("instances.0.predictors.0.state"), "active");
  EXPECT_EQ(report.At("instances.0.predictors.0.auc"), "1");
  EXPECT_EQ(report.At("instances.0.predictors.0.bins.0.values.0"), "free");
  EXPECT_EQ(report.At("instances.0.predictors.0.bins.1.values.0"), "gold");
  EXPECT_EQ(report.At("instances.0.predictors.1.state"), "oneBin");

  const TestAnswer made = Decide(0);
  const TestAnswer why = hub_.Get("/v1/decisions/" + made.At("id") + "/explanation?lang=es");
  EXPECT_EQ(why.At("considered.0.model.name"), "clicks") << why.body;
  EXPECT_EQ(why.At("considered.0.model.contributions.0.predictor"), "plan");
  EXPECT_THAT(why.At("considered.0.model.why"), HasSubstr("A favor: plan (+"));
  const TestAnswer again = hub_.Post("/v1/decisions/" + made.At("id") + ":replay", "");
  EXPECT_EQ(again.At("equal"), "true") << again.body;
}

TEST_F(ModelRoutes, AnFtrlModelReportsItsWeights) {
  ASSERT_EQ(hub_.Apply("{kind: model, name: clicks, spec: {type: ftrl, predictors: [{name: plan, "
                       "value: person.traits.plan}, {name: page, value: context.page}], crosses: "
                       "[{predictor: plan, with: page}]}}")
                .status,
            200);
  Live(60);
  TestAnswer report = hub_.Get("/v1/models/clicks:report");
  // The first version may know but a part of what was taught.
  for (int i = 0; i < 1000 && report.At("instances.0.predictors.0.auc") != "1"; ++i) {
    absl::SleepFor(absl::Milliseconds(10));
    report = hub_.Get("/v1/models/clicks:report");
  }
  EXPECT_EQ(report.At("type"), "ftrl") << report.body;
  EXPECT_EQ(report.At("instances.0.predictors.0.auc"), "1");
  EXPECT_EQ(report.At("instances.0.predictors.0.state"), "");
  EXPECT_THAT(report.body, HasSubstr(R"("predictor":"plan","value":"gold","weight":)"));
  EXPECT_THAT(report.body, HasSubstr(R"("with":{"predictor":"page","value":"cart"},"weight":)"));
  EXPECT_THAT(report.body, HasSubstr(R"("intercept":)"));

  const TestAnswer made = Decide(0);
  const TestAnswer why = hub_.Get("/v1/decisions/" + made.At("id") + "/explanation");
  EXPECT_THAT(why.At("considered.0.model.why"), HasSubstr("For it: plan (+")) << why.body;
  const TestAnswer again = hub_.Post("/v1/decisions/" + made.At("id") + ":replay", "");
  EXPECT_EQ(again.At("equal"), "true") << again.body;
}

TEST_F(ModelRoutes, WhatActionsShareIsReportedOnceForAll) {
  ASSERT_EQ(hub_.Apply("{kind: model, name: clicks, spec: {shared: true, predictors: [{name: plan, "
                       "value: person.traits.plan}, {name: action, value: action.name}]}}")
                .status,
            200);
  Live(60);
  TestAnswer report = hub_.Get("/v1/models/clicks:report");
  for (int i = 0; i < 1000 && report.At("instances.0.predictors.0.auc") != "1"; ++i) {
    absl::SleepFor(absl::Milliseconds(10));
    report = hub_.Get("/v1/models/clicks:report");
  }
  EXPECT_EQ(report.At("instances.0.shared"), "true") << report.body;
  EXPECT_EQ(report.At("instances.0.action"), "");
  EXPECT_EQ(report.At("instances.0.predictors.1.bins.0.values.0"), "upgrade");
  EXPECT_EQ(report.At("instances.1.placement"), "");
  const TestAnswer made = Decide(0);
  const TestAnswer again = hub_.Post("/v1/decisions/" + made.At("id") + ":replay", "");
  EXPECT_EQ(again.At("equal"), "true") << again.body;
}

TEST_F(ModelRoutes, DecisionsOfBeforeTheTreesAreExplainedStill) {
  Live(40);
  const TestAnswer before = Decide(1);
  const auto trees = [](std::string_view predictors) {
    return base::StrCat(
        "kind: model\nname: clicks\nspec:\n  type: trees\n  predictors: [", predictors,
        "]\n  trees:\n    - xgboost: '",
        R"({"learner": {"feature_names": [], "objective": {"name": "binary:logistic"},
        "gradient_booster": {"name": "gbtree", "model": {"trees": [{"tree_param": {"num_nodes": "3"},
        "left_children": [1, -1, -1], "right_children": [2, -1, -1], "split_indices": [1, 0, 0],
        "split_conditions": [0.5, -1, 1], "default_left": [1, 0, 0], "sum_hessian": [2, 1, 1]}]}},
        "learner_model_param": {"base_score": "5E-1", "num_feature": "2", "num_target": "1"}}})",
        "'\n");
  };
  const auto explain = [this](const TestAnswer& made) {
    const std::string path = "/v1/decisions/" + made.At("id");
    const TestAnswer why = hub_.Get(path + "/explanation?action=upgrade");
    EXPECT_EQ(why.status, 200) << why.body;
    const TestAnswer again = hub_.Post(path + ":replay", "");
    EXPECT_EQ(again.At("equal"), "true") << again.body;
  };
  const TestAnswer applied = hub_.Apply(trees(
      "{name: plan, value: person.traits.plan}, {name: page, value: 'context.page == \"cart\"'}"));
  ASSERT_EQ(applied.status, 200) << applied.body;
  const TestAnswer between = Decide(1);
  explain(before);
  explain(between);
  ASSERT_EQ(hub_.Apply(trees("{name: age, value: person.traits.age}, {name: is_gold, value: "
                             "'person.traits.plan == \"gold\"'}"))
                .status,
            200);
  const TestAnswer after = Decide(1);
  explain(before);
  explain(between);
  explain(after);
}

TEST_F(ModelRoutes, ExamplesOfAModelOfTreesAreHandedOut) {
  ASSERT_EQ(
      hub_.Apply("{kind: model, name: clicks, spec: {type: trees, predictors: [{name: is_gold, "
                 "value: 'person.traits.plan == \"gold\"'}, {name: age, value: "
                 "person.traits.age}]}}")
          .status,
      200);
  Live(6);
  TestAnswer csv = hub_.Get("/v1/models/clicks/examples");
  EXPECT_THAT(csv.headers.Get("Content-Type"), HasSubstr("text/csv"));
  EXPECT_THAT(csv.body, HasSubstr("action,placement,time,accepted,predicted,probability,"
                                  "is_gold,age\r\n"));
  EXPECT_EQ(std::count(csv.body.begin(), csv.body.end(), '\n'), 7) << csv.body;
  EXPECT_THAT(csv.body, HasSubstr("upgrade,spot,20"));
  EXPECT_THAT(csv.body, HasSubstr("Z,1,0.05,1,1,\r\n"));
  EXPECT_THAT(csv.body, HasSubstr(",0,\r\n"));
}

TEST_F(ModelRoutes, MistakesAreTold) {
  EXPECT_EQ(hub_.Get("/v1/models/clicks/examples").status, 409);
  EXPECT_THAT(hub_.Get("/v1/models/click/examples").body, HasSubstr("did you mean clicks?"));
  EXPECT_EQ(hub_.Get("/v1/models/click:report").status, 404);
  EXPECT_THAT(hub_.Get("/v1/models/click:report").body, HasSubstr("did you mean clicks?"));
  const TestAnswer wrong = hub_.Apply(
      "{kind: model, name: clicks, spec: {predictors: [{name: plan, value: person.trait.plan}]}}");
  EXPECT_EQ(wrong.status, 422) << wrong.body;
  EXPECT_THAT(wrong.body, HasSubstr("/spec/predictors/0/value"));
  const TestAnswer gone =
      hub_.Apply("{kind: placement, name: spot, spec: {channel: web, model: klicks}}");
  EXPECT_EQ(gone.status, 422) << gone.body;
}

}  // namespace
}  // namespace batuta::api

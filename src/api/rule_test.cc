#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/test_hub.h"

namespace batuta::api {
namespace {

using testing::HasSubstr;

class Rules : public testing::Test {
 protected:
  Rules() {
    hub_.Ingest("/v1/identify", R"({"userId": "ana", "traits": {"country": "MX", "orders": 2,
                                     "email": "ana@uno.mx"}})");
  }
  TestHub hub_;
};

TEST_F(Rules, SayWhatTheyAreOfAPersonAndWhy) {
  const TestAnswer no = hub_.Post(
      "/v1/rules:evaluate",
      R"({"rule": "person.traits.country == 'MX' && person.traits.orders >= 3", "person": {"userId": "ana"}})");
  EXPECT_EQ(no.status, 200) << no.body;
  EXPECT_EQ(no.At("outcome"), "false");
  EXPECT_EQ(no.At("matches"), "false");
  EXPECT_EQ(no.At("why"), "orders is 2, needs at least 3");
  EXPECT_EQ(no.At("leaves.0.seen.0.value"), "2");
  const TestAnswer spanish =
      hub_.Post("/v1/rules:evaluate?lang=es",
                R"({"rule": "person.traits.city == 'Lima'", "person": {"userId": "ana"}})");
  EXPECT_EQ(spanish.At("outcome"), "unknown");
  EXPECT_EQ(spanish.At("why"), "city no se conoce, se necesita \"Lima\"");
  const TestAnswer yes =
      hub_.Post("/v1/rules:evaluate",
                R"({"form": {"all": [{"field": "context.page", "operator": "is", "value": "cart"},
                           {"field": "person.traits.email", "operator": "exists"},
                           {"expression": "'email' in person.identifiers"}]},
          "context": {"page": "cart"}, "person": {"userId": "ana"}})");
  EXPECT_EQ(yes.At("outcome"), "true") << yes.body;
}

TEST_F(Rules, ThatAreWrongAreToldWithTheirPlaces) {
  const TestAnswer wrong = hub_.Post(
      "/v1/rules:evaluate",
      R"({"rule": "person.trait.x == 1 && person.traits.email == 'x'", "person": {"userId": "ana"}})");
  EXPECT_EQ(wrong.status, 422);
  EXPECT_EQ(wrong.At("errors.0.pointer"), "/rule");
  EXPECT_THAT(wrong.At("errors.0.detail"), HasSubstr("1:8: `person` has no field `trait`"));
  EXPECT_THAT(wrong.At("errors.1.detail"), HasSubstr("sealed"));
  EXPECT_EQ(
      hub_.Post("/v1/rules:evaluate", R"({"rule": "true", "person": {"userId": "bo"}})").status,
      404);
  EXPECT_EQ(hub_.Post("/v1/rules:evaluate", R"({"rule": "true"})").status, 422);
}

TEST_F(Rules, AreValidatedWithoutAPerson) {
  const TestAnswer right =
      hub_.Post("/v1/rules:validate", R"({"rule": "(person.traits.plan) == 'gold'"})");
  EXPECT_EQ(right.At("valid"), "true") << right.body;
  EXPECT_EQ(right.At("rule"), "person.traits.plan == \"gold\"");
  EXPECT_EQ(right.At("form.operator"), "is");
  EXPECT_EQ(right.At("reads.0"), "person.traits.plan");
  EXPECT_EQ(right.At("type"), "bool");
  const TestAnswer wrong = hub_.Post("/v1/rules:validate", R"({"rule": "persn.x == 1"})");
  EXPECT_EQ(wrong.status, 200);
  EXPECT_EQ(wrong.At("valid"), "false");
  EXPECT_EQ(wrong.At("notes.0.suggestion"), "person");
  EXPECT_EQ(wrong.At("notes.0.column"), "1");
  EXPECT_EQ(wrong.At("notes.0.endColumn"), "6");
  const TestAnswer form =
      hub_.Post("/v1/rules:validate",
                R"({"form": {"all": [{"field": "person.traits.a", "operator": "eq"}]}})");
  EXPECT_EQ(form.status, 422);
  EXPECT_EQ(form.At("errors.0.pointer"), "/form/all/0/operator");
  const TestAnswer event = hub_.Post(
      "/v1/rules:validate", R"({"rule": "event.properties.total > 5", "site": "outcome"})");
  EXPECT_EQ(event.At("valid"), "true") << event.body;
}

TEST_F(Rules, NeedAKeyThatMayReadPeople) {
  const std::string key = hub_.KeyWith(R"(["resources:read"])");
  const auto call = [&](const char* target) {
    return hub_
        .Call({.method = http::Method::kPost,
               .target = target,
               .body = R"({"rule": "true", "person": {"userId": "ana"}})",
               .key = key})
        .status;
  };
  EXPECT_EQ(call("/v1/rules:evaluate"), 403);
  EXPECT_EQ(call("/v1/rules:validate"), 422);
}

TEST_F(Rules, OfActionsThatAreWrongAreToldWithTheirPlaceInTheFile) {
  const TestAnswer answer =
      hub_.Post("/v1/resources:apply", R"({"files": [{"name": "a.yaml", "text":
      "kind: action\nname: x\nspec:\n  title: X\n  value: {amount: \"1\", currency: MXN}\n  eligible: |\n    true &&\n    person.trait.x == 1\n"}]})");
  EXPECT_EQ(answer.status, 422);
  EXPECT_EQ(answer.At("errors.0.code"), "unknown_name") << answer.body;
  EXPECT_EQ(answer.At("errors.0.line"), "8");
  EXPECT_EQ(answer.At("errors.0.column"), "12");
  EXPECT_EQ(answer.At("errors.0.pointer"), "/spec/eligible");
  const TestAnswer json = hub_.Send(
      http::Method::kPut, "/v1/actions/x",
      R"({"spec": {"title": "X", "value": {"amount": "1", "currency": "MXN"}, "suitable": "1 +"}})");
  EXPECT_EQ(json.status, 422);
  EXPECT_EQ(json.At("errors.0.code"), "syntax") << json.body;
}

}  // namespace
}  // namespace batuta::api

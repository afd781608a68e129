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

TEST_F(Rules, SayWhichEventsAreOutcomesAndWhichStatementsAreHeard) {
  const TestAnswer applied = hub_.Post("/v1/resources:apply", R"({"documents": [
      {"kind": "placement", "name": "web.shop",
       "spec": {"channel": "web", "choice": {"method": "greedy", "floor": 0}}},
      {"kind": "action", "name": "offer",
       "spec": {"title": "Offer", "value": {"amount": "500.00", "currency": "MXN"},
                "applicable": "context.page == 'cart'",
                "accept": {"event": "Bought", "where": "event.properties.total > 100 && person.traits.country == 'MX'"},
                "reject": {"event": "Declined", "where": "event.properties.offer == 'offer'"}}},
      {"kind": "treatment", "name": "offer-web",
       "spec": {"action": "offer", "channel": "web", "placements": ["web.shop"],
                "variants": [{"name": "a", "content": {}}]}},
      {"kind": "trait", "name": "plan", "spec": {"where": "statement.value in ['gold', 'blue']"}}]})");
  ASSERT_EQ(applied.status, 200) << applied.body;
  const TestAnswer elsewhere =
      hub_.Post("/v1/decisions",
                R"({"person": {"userId": "ana"}, "placement": "web.shop", "explain": "full",
                    "context": {"page": "home"}})");
  EXPECT_EQ(elsewhere.At("explanation.considered.0.result"), "ruleFalse") << elsewhere.body;
  EXPECT_EQ(elsewhere.At("explanation.considered.0.stage"), "applicable");
  EXPECT_THAT(elsewhere.At("explanation.considered.0.why"),
              HasSubstr("context.page is \"home\", needs \"cart\""));
  EXPECT_EQ(hub_.Post("/v1/decisions/" + elsewhere.At("id") + ":replay", "").At("equal"), "true");
  const TestAnswer made = hub_.Post(
      "/v1/decisions",
      R"({"person": {"userId": "ana"}, "placement": "web.shop", "context": {"page": "cart"}})");
  ASSERT_EQ(made.At("actions.0.action"), "offer") << made.body;
  const std::string path = "/v1/decisions/" + made.At("id");
  hub_.Post(path + "/outcomes", R"({"type": "impression"})");
  const auto after = [&](std::string_view event) {
    hub_.Ingest("/v1/track", event);
    return hub_.Get(path).At("life.0.stage");
  };
  EXPECT_EQ(after(R"({"userId": "ana", "event": "Bought", "properties": {"total": 50}})"),
            "exposed");
  EXPECT_EQ(after(R"({"userId": "ana", "event": "Bought"})"), "exposed");
  EXPECT_EQ(after(R"({"userId": "ana", "event": "Declined", "properties": {"offer": "other"}})"),
            "exposed");
  EXPECT_EQ(after(R"({"userId": "ana", "event": "Declined", "properties": {"offer": "offer"}})"),
            "rejected");
  EXPECT_EQ(after(R"({"userId": "ana", "event": "Bought", "properties": {"total": 150}})"),
            "accepted");
  hub_.Ingest("/v1/identify", R"({"userId": "ana", "traits": {"plan": "gold"}})");
  hub_.Ingest("/v1/identify", R"({"userId": "ana", "traits": {"plan": "junk", "other": 1}})");
  EXPECT_EQ(hub_.Get("/v1/people/user_id:ana").At("traits.plan.value"), "gold");
  EXPECT_EQ(hub_.Get("/v1/people/user_id:ana").At("traits.other.value"), "1");
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

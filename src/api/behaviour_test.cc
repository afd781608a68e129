// Rules on what people did, by the api: asked, validated, explained, previewed and decided by.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "api/test_hub.h"
#include "base/text.h"

namespace batuta::api {
namespace {

using testing::HasSubstr;

class Behaviour : public testing::Test {
 protected:
  Behaviour() {
    const TestAnswer applied = hub_.Post("/v1/resources:apply", R"json({"documents": [
      {"kind": "feature", "name": "spent",
       "spec": {"expression": "events(\"Order Completed\").sum(e, e.properties.total)"}},
      {"kind": "segment", "name": "buyers",
       "spec": {"rule": "events(\"Order Completed\").count() >= 2"}},
      {"kind": "placement", "name": "web.shop",
       "spec": {"channel": "web", "choice": {"method": "greedy", "floor": 0}}},
      {"kind": "action", "name": "offer",
       "spec": {"title": "Offer", "value": {"amount": "500.00", "currency": "MXN"},
                "eligible": "\"buyers\" in person.segments",
                "applicable": "events(\"Order Completed\").within(\"30d\").where(o, o.properties.total > 100.0).count() >= 1 && feature.spent > 100.0",
                "accept": {"event": "Order Completed", "where": "feature.spent > 500.0"}}},
      {"kind": "treatment", "name": "offer-web",
       "spec": {"action": "offer", "channel": "web", "placements": ["web.shop"],
                "variants": [{"name": "a", "content": {}}]}}]})json");
    EXPECT_EQ(applied.status, 200) << applied.body;
    // What people did before is looked for first.
    for (int i = 0; i < 2000; ++i) {
      if (hub_.Get("/v1/segments/buyers:count").At("state") == "ready") break;
      absl::SleepFor(absl::Milliseconds(5));
    }
  }
  void Order(double total) {
    hub_.Ingest("/v1/track",
                base::StrCat(R"({"userId": "ana", "event": "Order Completed", "properties": )",
                             R"({"total": )", total, "}}"));
  }
  TestAnswer Evaluate(std::string_view rule) {
    return hub_.Post("/v1/rules:evaluate",
                     base::StrCat("{\"rule\": \"", rule, "\", \"person\": {\"userId\": \"ana\"}}"));
  }
  TestAnswer Decide() {
    return hub_.Post(
        "/v1/decisions",
        R"({"person": {"userId": "ana"}, "placement": "web.shop", "explain": "full"})");
  }
  TestHub hub_;
};

TEST_F(Behaviour, IsAskedOfAPersonAndToldWithTheValue) {
  Order(60);
  Order(30);
  const TestAnswer no = Evaluate("events('Order Completed').count() >= 3");
  EXPECT_EQ(no.At("outcome"), "false") << no.body;
  EXPECT_EQ(no.At("why"), R"(events("Order Completed").count() is 2, needs at least 3)");
  EXPECT_EQ(no.At("leaves.0.seen.0.value"), "2");
  EXPECT_EQ(Evaluate("feature.spent == 90.0 && 'buyers' in person.segments").At("outcome"), "true");
  const TestAnswer unknown = Evaluate("events('Never Asked').count() >= 3");
  EXPECT_EQ(unknown.At("outcome"), "unknown") << unknown.body;
  EXPECT_EQ(unknown.At("leaves.0.seen.0.state"), "uncounted");
  const TestAnswer wrong = Evaluate("feature.spend > 3");
  EXPECT_EQ(wrong.status, 422);
  EXPECT_THAT(wrong.At("errors.0.detail"), HasSubstr("did you mean `spent`?"));
}

TEST_F(Behaviour, HasAStructuredForm) {
  const TestAnswer valid =
      hub_.Post("/v1/rules:validate",
                R"({"rule": "events('A').within('7d').count() >= 3", "site": "segment"})");
  EXPECT_EQ(valid.At("valid"), "true") << valid.body;
  EXPECT_EQ(valid.At("form.event"), "A");
  EXPECT_EQ(valid.At("form.within"), "7d");
  EXPECT_EQ(valid.At("form.measure"), "count");
  EXPECT_EQ(valid.At("reads.0"), R"(events("A").within("7d").count())");
  const TestAnswer form = hub_.Post(
      "/v1/rules:validate",
      R"({"form": {"event": "A", "measure": "count", "operator": "atLeast", "value": 2}})");
  EXPECT_EQ(form.At("rule"), R"(events("A").count() >= 2)") << form.body;
}

TEST_F(Behaviour, DecidesWhoIsInASegmentAndSaysWhy) {
  Order(60);
  const TestAnswer why = hub_.Get("/v1/people/user_id:ana/segments/buyers");
  EXPECT_EQ(why.At("member"), "false");
  EXPECT_THAT(why.At("why"),
              HasSubstr(R"(events("Order Completed").count() is 1, needs at least 2)"));
  Order(60);
  EXPECT_EQ(hub_.Get("/v1/segments/buyers:count").At("count"), "1");
  EXPECT_EQ(hub_.Get("/v1/people/user_id:ana").At("segments.0.name"), "buyers");
}

TEST_F(Behaviour, CanBePreviewed) {
  Order(60);
  const TestAnswer preview =
      hub_.Post("/v1/segments:preview", R"({"rule": "feature.spent > 50.0"})");
  EXPECT_EQ(preview.At("count"), "1") << preview.body;
}

TEST_F(Behaviour, DecidesWhichActionsThereAreAndIsReplayed) {
  Order(60);
  const TestAnswer stranger = Decide();
  EXPECT_EQ(stranger.At("explanation.considered.0.stage"), "eligible") << stranger.body;
  Order(70);
  const TestAnswer poor = Decide();
  EXPECT_EQ(poor.At("explanation.considered.0.stage"), "applicable") << poor.body;
  EXPECT_THAT(poor.At("explanation.considered.0.why"),
              HasSubstr(".where(e, e.properties.total > 100.0).count() is 0, needs at least 1"));
  Order(150);
  const TestAnswer made = Decide();
  EXPECT_EQ(made.At("actions.0.action"), "offer") << made.body;
  for (const TestAnswer* one : {&stranger, &poor, &made}) {
    EXPECT_EQ(hub_.Post("/v1/decisions/" + one->At("id") + ":replay", "").At("equal"), "true");
  }
  const std::string path = "/v1/decisions/" + made.At("id");
  hub_.Post(path + "/outcomes", R"({"type": "impression"})");
  Order(100);
  EXPECT_EQ(hub_.Get(path).At("life.0.stage"), "exposed");
  // The event is counted when its outcome is asked for.
  Order(300);
  EXPECT_EQ(hub_.Get(path).At("life.0.stage"), "accepted");
}

TEST_F(Behaviour, MistakesHaveTheirPlaceInTheFile) {
  const TestAnswer refused =
      hub_.Call({.method = http::Method::kPost,
                 .target = "/v1/resources:apply",
                 .body = "kind: segment\nname: a\nspec:\n  rule: |\n    true &&\n"
                         "    events(\"A\").within(\"9x\").count() > 1\n",
                 .key = hub_.keys().secret_key,
                 .headers = {{"Content-Type", "application/yaml"}}});
  EXPECT_EQ(refused.status, 422) << refused.body;
  EXPECT_EQ(refused.At("errors.0.code"), "aggregate");
  EXPECT_EQ(refused.At("errors.0.line"), "6");
  EXPECT_EQ(refused.At("errors.0.column"), "24");
  const TestAnswer nobody = hub_.Send(
      http::Method::kPut, "/v1/actions/x",
      R"({"spec": {"title": "X", "value": {"amount": "1", "currency": "MXN"}, "suitable": "'byers' in person.segments"}})");
  EXPECT_EQ(nobody.status, 422);
  EXPECT_THAT(nobody.body, HasSubstr("did you mean `buyers`?"));
}

}  // namespace
}  // namespace batuta::api

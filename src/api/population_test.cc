#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "api/test_hub.h"
#include "base/text.h"

namespace batuta::api {
namespace {

using testing::HasSubstr;

constexpr std::string_view kShop = R"(
{kind: feature, name: spend, spec: {expression: 'events("Order Completed").sum(e, e.properties.total)'}}
---
{kind: population, name: spend, spec: {feature: spend, every: 24h, where: 'feature.spend > 0.0'}}
---
{kind: segment, name: best, spec: {rule: 'quintile("spend") == 5'}}
---
{kind: segment, name: top, spec: {rule: 'topN("spend", 2)'}}
)";

class PopulationRoutes : public testing::Test {
 protected:
  void Define(std::string_view yaml) {
    const TestAnswer applied = hub_.Apply(yaml);
    ASSERT_EQ(applied.status, 200) << applied.body;
  }
  void Order(int user, int total) {
    hub_.Ingest("/v1/track",
                base::StrCat(R"({"userId":"u)", user,
                             R"(","event":"Order Completed","properties":{"total":)", total, "}}"));
  }
  // Until it says so, or for ten seconds.
  TestAnswer WaitFor(const std::string& target, std::string_view path, const std::string& value) {
    TestAnswer answer = hub_.Get(target);
    for (int i = 0; i < 2000 && answer.At(path) != value; ++i) {
      absl::SleepFor(absl::Milliseconds(5));
      answer = hub_.Get(target);
    }
    return answer;
  }
  TestAnswer Evaluate(const std::string& rule, const std::string& user) {
    return hub_.Post("/v1/rules:evaluate",
                     base::StrCat(R"({"rule":")", rule, R"(","person":{"userId":")", user, "\"}}"));
  }

  TestHub hub_;
};

TEST_F(PopulationRoutes, AreMeasuredOnceDefinedAndAgainWhenAsked) {
  for (int i = 1; i <= 10; ++i) Order(i, i * 10);
  hub_.Ingest("/v1/track", R"({"userId":"idle","event":"Page Viewed"})");
  Define(kShop);
  TestAnswer state = WaitFor("/v1/populations/spend:state", "version", "1");
  EXPECT_EQ(state.At("version"), "1") << state.body;
  EXPECT_EQ(state.At("of"), "feature.spend");
  EXPECT_EQ(state.At("people"), "10") << "who spent nothing does not count";
  EXPECT_EQ(state.At("quintiles.0"), "20");
  EXPECT_EQ(state.At("quintiles.3"), "80");
  EXPECT_EQ(state.At("percentiles.99"), "100");
  EXPECT_EQ(state.At("tops.0.n"), "2");
  EXPECT_EQ(state.At("tops.0.value"), "90");
  EXPECT_EQ(WaitFor("/v1/segments/best:count", "count", "2").At("count"), "2");
  EXPECT_EQ(WaitFor("/v1/segments/top:count", "count", "2").At("count"), "2");

  const TestAnswer why = Evaluate(R"(percentile(\"spend\") > 90)", "u7");
  EXPECT_EQ(why.status, 200) << why.body;
  EXPECT_EQ(why.At("outcome"), "false");
  EXPECT_EQ(why.At("why"), "the percentile of spend is 61, needs more than 90");
  const TestAnswer idle = Evaluate(R"(quintile(\"spend\") == 1)", "idle");
  EXPECT_EQ(idle.At("outcome"), "true") << "below everybody";
  EXPECT_THAT(hub_.Get("/v1/people/user_id:u9/segments/best").At("why"),
              HasSubstr("the quintile of spend is 5"));

  // More is spent; the cut points stay until they are measured again.
  for (int i = 1; i <= 5; ++i) Order(i, 1000);
  EXPECT_EQ(WaitFor("/v1/segments/best:count", "count", "7").At("count"), "7");
  const TestAnswer computed = hub_.Post("/v1/populations/spend:compute", "");
  EXPECT_EQ(computed.status, 202) << computed.body;
  EXPECT_EQ(computed.At("state"), "measuring");
  state = WaitFor("/v1/populations/spend:state", "version", "2");
  EXPECT_EQ(state.At("version"), "2");
  EXPECT_EQ(state.At("quintiles.3"), "1030");
  EXPECT_EQ(WaitFor("/v1/segments/best:count", "count", "2").At("count"), "2");
}

TEST_F(PopulationRoutes, MistakesAreToldBeforeAnythingIsPublished) {
  Define(kShop);
  const TestAnswer unknown = hub_.Get("/v1/populations/spent:state");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(unknown.code(), "no_such_population");
  EXPECT_THAT(unknown.body, HasSubstr("did you mean spend?"));
  EXPECT_EQ(hub_.Post("/v1/populations/spent:compute", "").status, 404);
  const auto problem = [this](std::string_view yaml) {
    const TestAnswer applied = hub_.Apply(yaml);
    EXPECT_EQ(applied.status, 422) << applied.body;
    return applied.body;
  };
  EXPECT_THAT(problem("{kind: population, name: p, spec: {feature: spnd, every: 24h}}"),
              HasSubstr("did you mean"));
  EXPECT_THAT(problem("{kind: population, name: p, spec: {feature: spend}}"),
              HasSubstr("when it is measured"));
  EXPECT_THAT(problem("{kind: population, name: p, spec: {feature: spend, every: 1s}}"),
              HasSubstr("once a minute at most"));
  EXPECT_THAT(problem("{kind: population, name: p, spec: {every: 24h}}"),
              HasSubstr("name a \\\"feature\\\" or a \\\"trait\\\""));
  EXPECT_THAT(problem("{kind: segment, name: s, spec: {rule: 'percentile(\"spnd\") > 3'}}"),
              HasSubstr("did you mean `spend`?"));
  EXPECT_THAT(problem("{kind: segment, name: s, spec: {rule: 'topN(\"spend\", 0)'}}"),
              HasSubstr("how many has to be written out"));
}

// Decisions read where somebody stands, and the trace holds it: a replay reads the same.
TEST_F(PopulationRoutes, DecisionsAreReplayedWithTheCutPointsOfThen) {
  Define(kSampleDocuments);
  Define(kShop);
  for (int i = 1; i <= 10; ++i) Order(i, i * 10);
  hub_.Post("/v1/populations/spend:compute", "");
  WaitFor("/v1/populations/spend:state", "people", "10");
  Define(R"(
kind: action
name: gold-card
spec:
  title: Gold
  value: {amount: "120.00", currency: MXN}
  eligible: percentile("spend") > 60 && topN("spend", 4)
  accept: {event: Card Requested}
  window: 7d
)");
  WaitFor("/v1/populations/spend:state", "tops.1.n", "4");
  const auto decide = [this](std::string_view user) {
    return hub_.Post("/v1/decisions", base::StrCat(R"({"person":{"userId":")", user,
                                                   R"("},"placement":"web.home.hero"})"));
  };
  const TestAnswer high = decide("u9");
  ASSERT_EQ(high.status, 200) << high.body;
  const TestAnswer low = decide("u5");
  ASSERT_EQ(low.status, 200) << low.body;
  for (int i = 1; i <= 5; ++i) Order(i, 5000);
  hub_.Post("/v1/populations/spend:compute", "");
  WaitFor("/v1/populations/spend:state", "percentiles.99", "5050");
  const TestAnswer why =
      hub_.Get(base::StrCat("/v1/decisions/", low.At("id"), "/explanation?lang=en"));
  EXPECT_THAT(why.body, HasSubstr("the percentile of spend is 41, needs more than 60"));
  for (const TestAnswer* decided : {&high, &low}) {
    const TestAnswer replay =
        hub_.Post(base::StrCat("/v1/decisions/", decided->At("id"), ":replay"), "");
    EXPECT_EQ(replay.status, 200) << replay.body;
    EXPECT_EQ(replay.At("equal"), "true") << replay.body;
  }
}

}  // namespace
}  // namespace batuta::api

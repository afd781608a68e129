#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "api/test_hub.h"
#include "base/text.h"

namespace batuta::api {
namespace {

using testing::HasSubstr;

class FeatureRoutes : public testing::Test {
 protected:
  void Define(std::string_view yaml) {
    const TestAnswer applied = hub_.Apply(yaml);
    ASSERT_EQ(applied.status, 200) << applied.body;
  }
  void View(int times) {
    std::string batch;
    for (int i = 0; i < times; ++i) {
      base::StrAppend(&batch, batch.empty() ? "" : ",",
                      R"({"type":"track","userId":"ana","event":"Viewed"})");
    }
    hub_.Ingest("/v1/batch", base::StrCat(R"({"batch":[)", batch, "]}"));
  }
  TestAnswer WaitUntilReady(const std::string& feature) {
    TestAnswer state = hub_.Get(base::StrCat("/v1/features/", feature, ":state"));
    for (int i = 0; i < 2000 && state.At("state") != "ready"; ++i) {
      absl::SleepFor(absl::Milliseconds(5));
      state = hub_.Get(base::StrCat("/v1/features/", feature, ":state"));
    }
    return state;
  }

  TestHub hub_;
};

TEST_F(FeatureRoutes, WhatIsNewReachesBack) {
  View(3);
  Define(
      "{kind: feature, name: views, spec: {unit: times, expression: events(\"Viewed\").count()}}");
  const TestAnswer state = WaitUntilReady("views");
  ASSERT_EQ(state.status, 200) << state.body;
  EXPECT_EQ(state.At("state"), "ready");
  EXPECT_EQ(state.At("progress"), "1");
  EXPECT_EQ(state.At("type"), "int");
  EXPECT_EQ(state.At("unit"), "times");
  EXPECT_EQ(state.At("expression"), "events(\"Viewed\").count()");
  const TestAnswer person = hub_.Get("/v1/people/user_id:ana");
  EXPECT_EQ(person.At("features.views.value"), "3") << person.body;
  EXPECT_EQ(person.At("features.views.state"), "");
  // Changed, it is found anew.
  Define("{kind: feature, name: views, spec: {expression: events(\"Viewed\").exists()}}");
  WaitUntilReady("views");
  EXPECT_EQ(hub_.Get("/v1/people/user_id:ana").At("features.views.value"), "true");
}

TEST_F(FeatureRoutes, NobodyKnowsAFeatureThatIsNotDefined) {
  Define("{kind: feature, name: views, spec: {expression: events(\"Viewed\").count()}}");
  const TestAnswer unknown = hub_.Get("/v1/features/vews:state");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(unknown.code(), "no_such_feature");
  EXPECT_THAT(unknown.body, HasSubstr("did you mean views?"));
}

TEST_F(FeatureRoutes, OfMoreEventsThanTheRecordKeepsTheHistoryIsRead) {
  Define(
      "{kind: feature, name: views, spec: {expression: "
      "events(\"Viewed\").within(\"30d\").count()}}");
  for (int i = 0; i < 45; ++i) View(100);
  const TestAnswer person = hub_.Get("/v1/people/user_id:ana");
  EXPECT_EQ(person.At("features.views.value"), "4500") << person.body;
}

}  // namespace
}  // namespace batuta::api

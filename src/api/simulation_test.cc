// Simulations through the API: a job, its result, and what is wrong with a request.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "absl/time/clock.h"
#include "api/test_hub.h"
#include "base/text.h"

namespace batuta::api {
namespace {

using testing::HasSubstr;

constexpr char kShop[] =
    "{kind: hub, name: default, spec: {currency: MXN, timeZone: UTC}}\n"
    "---\n{kind: action, name: card, spec: {title: Card, value: {amount: \"100.00\", currency: "
    "MXN}}}\n"
    "---\n{kind: placement, name: home, spec: {channel: web, exposure: decision, choice: {method: "
    "greedy, floor: 0}}}\n"
    "---\n{kind: treatment, name: card-web, spec: {action: card, channel: web, placements: [home], "
    "variants: [{name: a, content: {}}]}}\n"
    "---\n{kind: policy, name: weekly, spec: {cap: {scope: person, max: 1, window: 7d}}}\n";

class SimulationTest : public testing::Test {
 protected:
  void SetUp() override {
    const TestAnswer applied = hub_.Apply(kShop);
    ASSERT_EQ(applied.status, 200) << applied.body;
  }

  std::string BodyOf(const std::string& policy, const std::string& more = "") {
    return base::StrCat(R"({"resources": {"documents": [)", policy, R"(]}, "from": ")", from_, "\"",
                        more, "}");
  }
  // The job when it has ended.
  TestAnswer Run(const std::string& body, const std::string& query = "") {
    const TestAnswer started = hub_.Post("/v1/simulations" + query, body);
    EXPECT_EQ(started.status, 202) << started.body;
    while (true) {
      TestAnswer job = hub_.Get("/v1/jobs/" + started.At("id"));
      if (job.At("state") != "running") return job;
      absl::SleepFor(absl::Milliseconds(5));
    }
  }
  static std::string CapOf(int max) {
    return base::StrCat(
        R"({"kind": "policy", "name": "weekly", "spec": {"cap": {"scope": "person", "max": )", max,
        R"(, "window": "7d"}}})");
  }

  TestHub hub_;
  const std::string from_ = base::FormatRfc3339(hub_.hub().clock().Wall());
};

TEST_F(SimulationTest, SaysWhatWouldHaveBeen) {
  for (int i = 0; i < 3; ++i) {
    const TestAnswer made =
        hub_.Post("/v1/decisions", R"({"person": {"userId": "ana"}, "placement": "home"})");
    ASSERT_EQ(made.status, 200) << made.body;
  }
  const TestAnswer job = Run(BodyOf(CapOf(2)));
  EXPECT_EQ(job.At("kind"), "simulation");
  ASSERT_EQ(job.At("state"), "done") << job.body;
  EXPECT_EQ(job.At("summary.changed"), "1");
  const TestAnswer result = hub_.Get(job.At("result"));
  EXPECT_THAT(result.body, HasSubstr(R"("decisions":3,"changed":1,"notMade":0,"people":1)"));
  EXPECT_THAT(result.body, HasSubstr(R"("text":"policy weekly: capped","was":2,"wouldBe":1)"));
  EXPECT_THAT(result.body, HasSubstr(R"("outcome":"accepted")"));
  const std::string folder = hub_.folder() + "/hub/jobs/" + job.At("id");
  EXPECT_FALSE(std::filesystem::exists(folder + "/worlds")) << "the copies of the state are gone";
  EXPECT_EQ(hub_.Send(http::Method::kDelete, "/v1/jobs/" + job.At("id"), "").status, 200);
  EXPECT_FALSE(std::filesystem::exists(folder));
}

TEST_F(SimulationTest, SaysItInSpanish) {
  for (int i = 0; i < 2; ++i) {
    hub_.Post("/v1/decisions", R"({"person": {"userId": "ana"}, "placement": "home"})");
  }
  const TestAnswer job = Run(BodyOf(CapOf(2)), "?lang=es");
  ASSERT_EQ(job.At("state"), "done") << job.body;
  const std::string body = hub_.Get(job.At("result")).body;
  EXPECT_THAT(body, HasSubstr("0 decisiones tuvieron recompensa; hacen falta 50"));
  EXPECT_THAT(body,
              HasSubstr(R"("text":"política weekly: tope de contactos","was":1,"wouldBe":0)"));
}

TEST_F(SimulationTest, WhatIsWrongIsToldAtOnce) {
  const auto fails = [&](const std::string& body, const std::string& says) {
    const TestAnswer answer = hub_.Post("/v1/simulations", body);
    EXPECT_GE(answer.status, 400) << body;
    EXPECT_THAT(answer.body, HasSubstr(says)) << body;
  };
  fails("no", "cannot be read as JSON");
  const TestAnswer french = hub_.Post("/v1/simulations?lang=fr", BodyOf(CapOf(2)));
  EXPECT_EQ(french.status, 400);
  EXPECT_THAT(french.body, HasSubstr(R"(There are no texts in \"fr\": lang is en or es.)"));
  fails("{}", R"("pointer":"/resources")");
  fails("{}", R"("pointer":"/from")");
  fails(R"({"resources": {}, "from": "yesterday"})", "must be a time such as");
  fails(R"({"resources": {}, "from": "2999-01-01T00:00:00Z"})", "must be in the past");
  fails(R"({"resources": {}, "from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"})",
        "must not be before");
  fails(R"({"resources": {"document": []}, "from": "2026-01-02T00:00:00Z"})",
        R"("pointer":"/resources/document")");
  fails(BodyOf(CapOf(-1)), "max");
  fails(BodyOf(CapOf(2), R"(, "segment": "vip")"), R"("pointer":"/segment")");
  fails(BodyOf(CapOf(2), R"(, "segments": ["vip"])"), R"("pointer":"/segments/0")");
}

}  // namespace
}  // namespace batuta::api

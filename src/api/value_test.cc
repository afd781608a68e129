// The value finder: what it says is what decisions and rules say, and nothing changes by it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "api/test_hub.h"
#include "base/json.h"
#include "base/status.h"
#include "base/text.h"
#include "base/value.h"
#include "http/target.h"

namespace batuta::api {
namespace {

constexpr std::string_view kOffers = R"yaml(
{kind: hub, spec: {currency: MXN, timeZone: America/Mexico_City}}
---
{kind: trait, name: orders, spec: {type: number}}
---
{kind: trait, name: first-shop, spec: {type: text}}
---
{kind: segment, name: vip, spec: {rule: 'person.traits.orders >= 8'}}
---
{kind: feature, name: visits, spec: {expression: 'events("page: Home").count()'}}
---
{kind: placement, name: mail, spec: {channel: email, choice: {method: greedy, floor: 0}}}
---
{kind: placement, name: empty, spec: {channel: email}}
---
{kind: group, name: cards, spec: {title: Cards, eligible: 'person.traits.orders >= 1'}}
---
kind: action
name: gold-card
spec: {title: Gold card, group: cards, value: {amount: "120.00", currency: MXN}}
---
kind: action
name: upgrade
spec: {title: Upgrade, value: {amount: "900.00", currency: MXN}, purpose: marketing, eligible: '"vip" in person.segments'}
---
kind: action
name: survey
spec: {title: Survey, value: {amount: "10.00", currency: MXN}, cost: {amount: "2.00", currency: MXN}, applicable: person.traits.country == "US"}
---
{kind: treatment, name: gold-mail, spec: {action: gold-card, channel: email, placements: [mail], variants: [{name: a, content: {}}]}}
---
{kind: treatment, name: upgrade-mail, spec: {action: upgrade, channel: email, placements: [mail], variants: [{name: a, content: {}}]}}
---
{kind: treatment, name: survey-mail, spec: {action: survey, channel: email, placements: [mail], variants: [{name: a, content: {}}]}}
)yaml";

class ValueFinder : public testing::Test {
 protected:
  // Orders 0 to 9; of three people two live in Mexico and one in the United States; half of them
  // never said where they shopped first.
  void AddPeople(int count) {
    std::string batch;
    for (int i = 0; i < count; ++i) {
      const std::string shop =
          i % 2 == 0 ? "" : base::StrCat(R"(,"first-shop":")", i % 4 == 1 ? "web" : "store", "\"");
      base::StrAppend(&batch, batch.empty() ? "" : ",", R"({"type":"identify","userId":"u)", i,
                      R"(","traits":{"orders":)", i % 10, R"(,"country":")",
                      i % 3 == 2 ? "US" : "MX", "\"", shop, "}}");
      if (i % 500 != 499 && i + 1 < count) continue;
      const TestAnswer taken = hub_.Ingest("/v1/batch", base::StrCat(R"({"batch":[)", batch, "]}"));
      ASSERT_EQ(taken.status, 200) << taken.body;
      batch.clear();
    }
  }
  void Define(std::string_view yaml) {
    const TestAnswer applied = hub_.Apply(yaml);
    ASSERT_EQ(applied.status, 200) << applied.body;
  }
  TestAnswer Find(std::string_view body = "", std::string_view placement = "mail") {
    return hub_.Post(base::StrCat("/v1/placements/", placement, ":findValue"), body);
  }
  std::string CountOf(std::string_view rule) {
    base::Value body;
    base::SetField(*body.mutable_object(), "rule", base::TextValue(rule));
    const TestAnswer preview = hub_.Post("/v1/segments:preview", base::ToJson(body));
    EXPECT_EQ(preview.status, 200) << preview.body << rule;
    return preview.At("count");
  }
  void WaitForSegment(std::string_view name) {
    for (int i = 0; i < 4000; ++i) {
      if (hub_.Get(base::StrCat("/v1/segments/", name, ":count")).At("state") == "ready") return;
      absl::SleepFor(absl::Milliseconds(5));
    }
    FAIL() << "the members of " << name << " are not found";
  }
  std::string StateHash() {
    const TestAnswer answer = hub_.Get("/v1/admin/state-hash");
    EXPECT_EQ(answer.status, 200);
    return answer.body;
  }

  TestHub hub_;
};

std::map<std::string, base::Value> ByName(const TestAnswer& answer, const char* list,
                                          const char* name) {
  std::map<std::string, base::Value> out;
  for (const base::Value& one : base::Find(answer.json.object(), list)->list().values()) {
    out[base::Find(one.object(), name)->text()] = one;
  }
  return out;
}

double NumberIn(const base::Value& value, const char* member) {
  return base::Find(value.object(), member)->number();
}

TEST_F(ValueFinder, SaysWhoGetsNothingAndWhichStageEmptiesThem) {
  Define(kOffers);
  AddPeople(300);
  WaitForSegment("vip");
  const TestAnswer found = Find();
  ASSERT_EQ(found.status, 200) << found.body;
  EXPECT_EQ(found.At("people"), "300");
  EXPECT_EQ(found.At("looked"), "300");
  EXPECT_EQ(found.At("exact"), "true");
  // Who ordered gets the card; of others, the survey costs more than it is worth.
  EXPECT_EQ(found.At("strong.people"), "270");
  EXPECT_EQ(found.At("weak.people"), "10");
  EXPECT_EQ(found.At("nothing.people"), "20");
  EXPECT_EQ(found.At("strong.share"), "0.9");
  EXPECT_EQ(found.At("strong.low"), "");
  auto stages = ByName(found, "stages", "stage");
  EXPECT_EQ(NumberIn(stages["applicable"], "nothing"), 20);
  EXPECT_EQ(NumberIn(stages["eligible"], "nothing"), 0);
  EXPECT_EQ(NumberIn(stages["eligible"], "actions"), 60) << "the card and the upgrade, of 30";
  EXPECT_EQ(NumberIn(stages["arbitration"], "weak"), 10);
  auto reasons = ByName(found, "reasons", "text");
  EXPECT_EQ(NumberIn(reasons["rule of action survey"], "emptied"), 20);
  EXPECT_EQ(NumberIn(reasons["rule of group cards"], "people"), 30);
  EXPECT_EQ(NumberIn(reasons["worth too little"], "emptied"), 10);
  auto actions = ByName(found, "actions", "action");
  EXPECT_EQ(NumberIn(actions["gold-card"], "chosen"), 270);
  EXPECT_EQ(NumberIn(actions["survey"], "possible"), 100);
  EXPECT_EQ(NumberIn(actions["survey"], "strong"), 0);
  EXPECT_EQ(NumberIn(*base::Find(actions["upgrade"].object(), "fell"), "allowed"), 60)
      << "nobody has given consent";
}

TEST_F(ValueFinder, SpeaksSpanishToo) {
  Define(kOffers);
  AddPeople(600);
  WaitForSegment("vip");
  const TestAnswer found = hub_.Post("/v1/placements/mail:findValue?lang=es", "{}");
  ASSERT_EQ(found.status, 200) << found.body;
  auto reasons = ByName(found, "reasons", "text");
  EXPECT_EQ(NumberIn(reasons["regla de acción survey"], "emptied"), 40);
  EXPECT_EQ(NumberIn(reasons["regla de grupo cards"], "people"), 60);
  EXPECT_EQ(NumberIn(reasons["vale muy poco"], "emptied"), 20);
  const auto cohorts = ByName(found, "cohorts", "text");
  EXPECT_TRUE(cohorts.contains("country = MX y orders = 0") ||
              cohorts.contains("orders = 0 y country = MX"));
}

TEST_F(ValueFinder, TellsApartByRulesThatFindTheSamePeople) {
  Define(kOffers);
  AddPeople(600);
  WaitForSegment("vip");
  const TestAnswer found = Find();
  ASSERT_EQ(found.status, 200) << found.body;
  const auto cohorts = ByName(found, "cohorts", "text");
  ASSERT_TRUE(cohorts.contains("country = MX and orders = 0") ||
              cohorts.contains("orders = 0 and country = MX"))
      << found.body;
  uint64_t sum = 0;
  for (const auto& [text, cohort] : cohorts) {
    const base::Value* rule = base::Find(cohort.object(), "rule");
    ASSERT_NE(rule, nullptr) << text;
    EXPECT_EQ(CountOf(rule->text()), base::StrCat(static_cast<int64_t>(NumberIn(cohort, "people"))))
        << rule->text();
    sum += static_cast<uint64_t>(NumberIn(cohort, "people"));
  }
  EXPECT_EQ(sum, 600u) << "everybody is in one";
  EXPECT_EQ(found.At("cohorts.0.nothing.share"), "1");
  EXPECT_EQ(found.At("cohorts.0.emptied.stage"), "applicable");
  EXPECT_EQ(found.At("cohorts.0.emptied.reason.name"), "survey");
}

TEST_F(ValueFinder, TellsApartByFeaturesSegmentsAndWhatIsUnknown) {
  Define(kOffers);
  AddPeople(200);
  std::string batch;
  for (int i = 0; i < 200; i += 4) {
    base::StrAppend(&batch, batch.empty() ? "" : ",", R"({"type":"page","name":"Home","userId":"u)",
                    i, "\"}");
  }
  ASSERT_EQ(hub_.Ingest("/v1/batch", base::StrCat(R"({"batch":[)", batch, "]}")).status, 200);
  Define(R"yaml(
{kind: placement, name: shop, spec: {channel: web}}
---
{kind: action, name: hello, spec: {title: Hello, value: {amount: "9.00", currency: MXN}, eligible: '!has(person.traits.`first-shop`) && feature.visits < 1'}}
---
{kind: treatment, name: hello-web, spec: {action: hello, channel: web, placements: [shop], variants: [{name: a, content: {}}]}}
)yaml");
  TestAnswer found;
  for (int i = 0; i < 2000; ++i) {
    found = Find("", "shop");
    if (found.At("strong.people") == "50") break;  // the feature has been counted
    absl::SleepFor(absl::Milliseconds(5));
  }
  const auto cohorts = ByName(found, "cohorts", "text");
  std::vector<std::string> texts;
  for (const auto& [text, cohort] : cohorts) {
    texts.push_back(text);
    EXPECT_EQ(CountOf(base::Find(cohort.object(), "rule")->text()),
              base::StrCat(static_cast<int64_t>(NumberIn(cohort, "people"))));
  }
  EXPECT_THAT(texts, testing::Contains(testing::AllOf(testing::HasSubstr("visits = 0"),
                                                      testing::HasSubstr("first-shop is unknown"))))
      << found.body;
}

TEST_F(ValueFinder, ChangesNothingAndLeavesNoRecord) {
  Define(kOffers);
  AddPeople(300);
  WaitForSegment("vip");
  hub_.Get("/v1/segments/vip:count");
  const std::string before = StateHash();
  const std::string stats = hub_.Get("/v1/stats").At("decisions");
  const TestAnswer first = Find();
  ASSERT_EQ(first.status, 200);
  EXPECT_EQ(StateHash(), before);
  EXPECT_EQ(hub_.Get("/v1/stats").At("decisions"), stats);
  const TestAnswer second = Find();
  EXPECT_EQ(second.At("actions.0.chosen"), first.At("actions.0.chosen"));
  EXPECT_EQ(second.At("cohorts.0.text"), first.At("cohorts.0.text"));
}

TEST_F(ValueFinder, WhatItSaysIsWhatDecisionsSay) {
  Define(kOffers);
  AddPeople(60);
  WaitForSegment("vip");
  std::map<std::string, int> chosen;
  for (int i = 0; i < 60; ++i) {
    const TestAnswer decided = hub_.Post(
        "/v1/decisions",
        base::StrCat(R"({"person":{"userId":"u)", i, R"("},"placement":"mail","dryRun":true})"));
    ASSERT_EQ(decided.status, 200) << decided.body;
    ++chosen[decided.At("actions.0.action")];
  }
  auto actions = ByName(Find(), "actions", "action");
  for (const auto& [name, action] : actions) {
    EXPECT_EQ(NumberIn(action, "chosen"), chosen[name]) << name;
  }
}

TEST_F(ValueFinder, OfASegmentLooksAtItsMembersAlone) {
  Define(kOffers);
  AddPeople(300);
  WaitForSegment("vip");
  const TestAnswer found = Find(R"({"segment":"vip"})");
  EXPECT_EQ(found.At("people"), "60");
  EXPECT_EQ(found.At("strong.people"), "60");
  EXPECT_EQ(found.At("segment"), "vip");
}

TEST_F(ValueFinder, ASampleIsAsLargeAsAskedForAlwaysTheSameAndHasIntervals) {
  Define(kOffers);
  AddPeople(2000);
  WaitForSegment("vip");
  const TestAnswer found = Find(R"({"sample":500})");
  ASSERT_EQ(found.status, 200) << found.body;
  EXPECT_EQ(found.At("people"), "2000");
  EXPECT_EQ(found.At("looked"), "500");
  EXPECT_EQ(found.At("exact"), "false");
  EXPECT_LT(std::stod(found.At("strong.low")), 0.9);
  EXPECT_GT(std::stod(found.At("strong.high")), 0.9);
  EXPECT_LT(std::stod(found.At("strong.high")) - std::stod(found.At("strong.low")), 0.06);
  EXPECT_EQ(Find(R"({"sample":500})").At("strong.people"), found.At("strong.people"));
  const TestAnswer all = Find(R"({"sample":5000})");
  EXPECT_EQ(all.At("looked"), "2000");
  EXPECT_EQ(all.At("exact"), "true");
  EXPECT_EQ(all.At("strong.people"), "1800");
}

TEST_F(ValueFinder, TheThresholdIsTheMarketers) {
  Define(kOffers);
  AddPeople(100);
  EXPECT_EQ(Find(R"({"weakBelow":{"netValue":6}})").At("strong.people"), "0");
  EXPECT_EQ(Find(R"({"weakBelow":{"netValue":-5}})").At("strong.people"), "93");
  const TestAnswer likely = Find(R"({"weakBelow":{"propensity":0.5}})");
  EXPECT_EQ(likely.At("strong.people"), "0");
  EXPECT_EQ(likely.At("weak.people"), "93");
  EXPECT_EQ(NumberIn(ByName(likely, "stages", "stage")["propensity"], "weak"), 93);
}

TEST_F(ValueFinder, APlacementWithoutActionsHasNothingForAnybody) {
  Define(kOffers);
  AddPeople(30);
  const TestAnswer found = Find("{}", "empty");
  ASSERT_EQ(found.status, 200) << found.body;
  EXPECT_EQ(found.At("nothing.people"), "30");
  EXPECT_EQ(found.At("stages.0.stage"), "noActions");
  EXPECT_EQ(found.At("cohorts"), "[]");
}

TEST_F(ValueFinder, OfAHubWithoutPeopleIsEmpty) {
  Define(kOffers);
  for (const char* body : {"", R"({"sample":10})"}) {
    const TestAnswer found = Find(body);
    ASSERT_EQ(found.status, 200) << found.body;
    EXPECT_EQ(found.At("looked"), "0");
    EXPECT_EQ(found.At("nothing.share"), "0");
  }
}

TEST_F(ValueFinder, WrongQuestionsSayWhatWouldBeRight) {
  Define(kOffers);
  EXPECT_EQ(Find("", "maill").status, 404);
  EXPECT_THAT(Find("", "maill").At("detail"), testing::HasSubstr("did you mean \"mail\"?"));
  const TestAnswer wrong = Find(
      R"({"segment":"vipp","sample":0,"weakBelow":{"propensity":2,"netValue":"x","other":1}})");
  EXPECT_EQ(wrong.status, 422) << wrong.body;
  std::set<std::string> pointers;
  for (const base::Value& error : base::Find(wrong.json.object(), "errors")->list().values()) {
    pointers.insert(base::Find(error.object(), "pointer")->text());
  }
  EXPECT_THAT(pointers, testing::ElementsAre("/sample", "/weakBelow/netValue", "/weakBelow/other",
                                             "/weakBelow/propensity"));
  const TestAnswer segment = Find(R"({"segment":"vipp"})");
  EXPECT_EQ(segment.status, 422);
  EXPECT_EQ(segment.At("errors.0.pointer"), "/segment");
  EXPECT_THAT(segment.At("errors.0.detail"), testing::HasSubstr("did you mean \"vip\"?"));
  EXPECT_EQ(Find("{").status, 400);
}

// ---- Beside changes

// Each answer is of one version of the definitions, or says that there was none.
TEST_F(ValueFinder, GoesOnWhileDefinitionsArePublished) {
  Define(kOffers);
  AddPeople(500);
  std::atomic<bool> is_over = false;
  std::thread publisher([&] {
    for (int i = 0; i < 30; ++i) {
      const TestAnswer applied = hub_.Apply(
          base::StrCat("{kind: action, name: survey, spec: {title: Survey, value: {amount: \"",
                       i + 1, ".00\", currency: MXN}}}\n"));
      EXPECT_TRUE(applied.status == 200 || applied.status == 202) << applied.body;
    }
    is_over = true;
  });
  int answered = 0;
  while (!is_over || answered == 0) {
    const TestAnswer found = Find();
    if (found.status == 200) {
      ++answered;
      EXPECT_EQ(found.At("looked"), "500");
    } else {
      EXPECT_EQ(found.status, 409) << found.body;
      EXPECT_EQ(found.code(), "definitions_changed");
    }
  }
  publisher.join();
  EXPECT_EQ(Find().At("strong.people"), "500") << "the survey is for all, at no cost";
}

TEST_F(ValueFinder, OfASegmentThatIsStillBeingFoundSaysSo) {
  Define(kOffers);
  AddPeople(500);
  Define("{kind: segment, name: buyers, spec: {rule: 'person.traits.orders >= 5'}}\n");
  const TestAnswer at_once = Find(R"({"segment":"buyers"})");
  if (at_once.status != 200) {
    EXPECT_EQ(at_once.status, 409) << at_once.body;
    EXPECT_EQ(at_once.code(), "segment_not_found_yet");
  }
  WaitForSegment("buyers");
  EXPECT_EQ(Find(R"({"segment":"buyers"})").At("looked"), "250");
}

// ---- Clients that go away

class Gone : public http::ResponseSink {
 public:
  void Deliver(http::Response) override { delivered_.Notify(); }
  bool Cancelled() const override { return true; }
  bool Wait() { return delivered_.WaitForNotificationWithTimeout(absl::Seconds(30)); }

 private:
  absl::Notification delivered_;
};

TEST_F(ValueFinder, StopsWhenTheClientHasGoneAndLetsTheNextBegin) {
  Define(kOffers);
  AddPeople(100);
  http::Request request;
  request.method = http::Method::kPost;
  request.target = "/v1/placements/mail:findValue";
  ASSERT_TRUE(http::ParseTarget(&request));
  request.headers.Add("Authorization", "Bearer " + hub_.keys().secret_key);
  auto gone = std::make_shared<Gone>();
  hub_.api().Hooks().handler(std::move(request), http::Responder(gone));
  EXPECT_TRUE(gone->Wait());
  EXPECT_EQ(Find().At("looked"), "100");
}

}  // namespace
}  // namespace batuta::api

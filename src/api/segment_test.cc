#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "absl/time/clock.h"
#include "api/test_hub.h"
#include "base/csv.h"
#include "base/text.h"

namespace batuta::api {
namespace {

using testing::HasSubstr;

constexpr std::string_view kSegments = R"(
kind: segment
name: gold
spec: {title: Gold, rule: 'person.traits.plan == "gold"'}
---
kind: segment
name: gold-abroad
spec: {rule: '"gold" in person.segments && person.traits.country != "MX"'}
)";

class SegmentRoutes : public testing::Test {
 protected:
  void Define(std::string_view yaml) {
    const TestAnswer applied = hub_.Apply(yaml);
    ASSERT_EQ(applied.status, 200) << applied.body;
  }
  void Identify(std::string_view user, std::string_view traits) {
    hub_.Ingest("/v1/identify",
                base::StrCat(R"({"userId":")", user, R"(","traits":)", traits, "}"));
  }
  // Waits until the members of the segment have been found.
  TestAnswer CountOf(std::string_view segment) {
    TestAnswer counted;
    for (int i = 0; i < 2000; ++i) {
      counted = hub_.Get(base::StrCat("/v1/segments/", segment, ":count"));
      if (counted.At("state") != "finding") break;
      absl::SleepFor(absl::Milliseconds(5));
    }
    return counted;
  }

  TestHub hub_;
};

TEST_F(SegmentRoutes, CountThoseWhoWereThereBeforeAndThoseWhoCome) {
  Identify("ana", R"({"plan":"gold","country":"CO"})");
  Define(kSegments);
  const TestAnswer counted = CountOf("gold");
  ASSERT_EQ(counted.status, 200) << counted.body;
  EXPECT_EQ(counted.At("state"), "ready");
  EXPECT_EQ(counted.At("count"), "1");
  EXPECT_EQ(counted.At("progress"), "1");
  Identify("bob", R"({"plan":"gold","country":"MX"})");
  EXPECT_EQ(CountOf("gold").At("count"), "2");
  EXPECT_EQ(CountOf("gold-abroad").At("count"), "1");
  const TestAnswer overlap = hub_.Get("/v1/segments/gold:overlap?with=gold-abroad");
  EXPECT_EQ(overlap.At("count"), "2") << overlap.body;
  EXPECT_EQ(overlap.At("withCount"), "1");
  EXPECT_EQ(overlap.At("both"), "1");
}

TEST_F(SegmentRoutes, MembersComeInPagesEachOnce) {
  Define(kSegments);
  std::set<std::string> people;
  for (int i = 0; i < 25; ++i) Identify(base::StrCat("u", i), R"({"plan":"gold"})");
  EXPECT_EQ(CountOf("gold").At("count"), "25");
  std::string cursor;
  int pages = 0;
  do {
    const TestAnswer page = hub_.Get(base::StrCat("/v1/segments/gold/members?limit=10",
                                                  cursor.empty() ? "" : "&cursor=", cursor));
    ASSERT_EQ(page.status, 200) << page.body;
    for (int i = 0; i < 10; ++i) {
      const std::string id = page.At(base::StrCat("data.", i, ".personId"));
      if (id.empty()) continue;
      EXPECT_TRUE(people.insert(id).second) << id;
      EXPECT_EQ(page.At(base::StrCat("data.", i, ".cause")), "live");
    }
    cursor = page.At("nextCursor");
    ++pages;
  } while (!cursor.empty());
  EXPECT_EQ(people.size(), 25U);
  EXPECT_EQ(pages, 3);
}

TEST_F(SegmentRoutes, AreSeenOfThePersonAndInTheirTimeline) {
  Define(kSegments);
  EXPECT_EQ(CountOf("gold").At("count"), "0");
  Identify("ana", R"({"plan":"gold","country":"CO"})");
  const TestAnswer person = hub_.Get("/v1/people/user_id:ana");
  EXPECT_EQ(person.At("segments.0.name"), "gold");
  EXPECT_EQ(person.At("segments.1.name"), "gold-abroad");
  EXPECT_EQ(person.At("segments.0.cause"), "live");
  Identify("ana", R"({"plan":"basic"})");
  const TestAnswer timeline = hub_.Get("/v1/people/user_id:ana/timeline");
  EXPECT_EQ(timeline.At("data.0.kind"), "segment") << timeline.body;
  EXPECT_EQ(timeline.At("data.0.left.0"), "gold");
  EXPECT_EQ(timeline.At("data.0.cause"), "live");
  EXPECT_THAT(timeline.body, HasSubstr(R"("entered":["gold","gold-abroad"])"));
}

TEST_F(SegmentRoutes, SayWhySomebodyIsIn) {
  Define(kSegments);
  Identify("ana", R"({"plan":"basic"})");
  const TestAnswer why = hub_.Get("/v1/people/user_id:ana/segments/gold");
  ASSERT_EQ(why.status, 200) << why.body;
  EXPECT_EQ(why.At("member"), "false");
  EXPECT_EQ(why.At("outcome"), "false");
  EXPECT_THAT(why.At("why"), HasSubstr("basic"));
  EXPECT_EQ(why.At("conditions.0.field"), "person.traits.plan");
  const TestAnswer unknown =
      hub_.Get(base::StrCat("/v1/people/", why.At("personId"), "/segments/gold-abroad?lang=es"));
  EXPECT_EQ(unknown.status, 200) << unknown.body;
  EXPECT_EQ(unknown.At("member"), "false");
}

TEST_F(SegmentRoutes, APreviewSaysWhatPublishingWillGive) {
  Define(kSegments);
  for (int i = 0; i < 40; ++i) {
    Identify(base::StrCat("u", i),
             base::StrCat(R"({"plan":")", i % 2 == 0 ? "gold" : "basic", R"(","visits":)", i, "}"));
  }
  const std::string rule = R"(\"gold\" in person.segments && person.traits.visits >= 30.0)";
  const TestAnswer preview =
      hub_.Post("/v1/segments:preview", base::StrCat("{\"rule\":\"", rule, "\"}"));
  ASSERT_EQ(preview.status, 200) << preview.body;
  EXPECT_EQ(preview.At("count"), "5");
  EXPECT_EQ(preview.At("exact"), "true");
  EXPECT_EQ(preview.At("people"), "40");
  EXPECT_EQ(preview.At("conditions.0.count"), "20");
  EXPECT_EQ(preview.At("conditions.1.expression"), "person.traits.visits >= 30.0");
  EXPECT_EQ(preview.At("conditions.1.count"), "10");
  EXPECT_TRUE(preview.At("sample.4").starts_with("per_"));
  EXPECT_EQ(preview.At("sample.5"), "");
  Define(base::StrCat("{kind: segment, name: frequent, spec: {rule: \"", rule, "\"}}\n"));
  EXPECT_EQ(CountOf("frequent").At("count"), preview.At("count"));
}

TEST_F(SegmentRoutes, AnEstimateOfManySaysHowFarItMayBeOff) {
  std::string batch;
  constexpr int kPeople = 6000;
  constexpr int kBatch = 1000;
  for (int i = 0; i < kPeople; ++i) {
    batch +=
        base::StrCat(batch.empty() ? R"({"batch":[)" : ",", R"({"type":"identify","userId":"u)", i,
                     R"(","traits":{"n":)", i % 4, "}}");
    if (i % kBatch == kBatch - 1) {
      hub_.Ingest("/v1/batch", batch + "]}");
      batch.clear();
    }
  }
  const TestAnswer estimate =
      hub_.Post("/v1/segments:preview", R"({"rule":"person.traits.n == 1.0","estimate":true})");
  ASSERT_EQ(estimate.status, 200) << estimate.body;
  EXPECT_EQ(estimate.At("exact"), "false");
  EXPECT_EQ(estimate.At("people"), "6000");
  EXPECT_GE(std::stod(estimate.At("asked")), 2000);
  EXPECT_LT(std::abs(std::stod(estimate.At("count")) - 1500), 2 * std::stod(estimate.At("error")));
  EXPECT_LT(std::stod(estimate.At("error")), 150);
  const TestAnswer exact =
      hub_.Post("/v1/segments:preview", R"({"rule":"person.traits.n == 1.0"})");
  EXPECT_EQ(exact.At("count"), "1500");
}

TEST_F(SegmentRoutes, AsCsvTheMembersComeAllInOneStream) {
  Define(kSegments);
  std::set<std::string> people;
  for (int i = 0; i < 300; ++i) Identify(base::StrCat("u", i), R"({"plan":"gold"})");
  EXPECT_EQ(CountOf("gold").At("count"), "300");
  const TestCall call{.target = "/v1/segments/gold/members",
                      .key = hub_.keys().secret_key,
                      .headers = {{"Accept", "text/csv"}}};
  const TestAnswer answer = hub_.Call(call);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.Get("Content-Disposition"), "attachment; filename=\"gold.csv\"");
  base::CsvParser parser(answer.body);
  base::CsvRecord row;
  ASSERT_TRUE(parser.Next(row));
  EXPECT_EQ(row.fields[0].text, "personId");
  while (parser.Next(row)) {
    ASSERT_EQ(row.fields.size(), 3u);
    people.insert(row.fields[0].text);
    EXPECT_EQ(row.fields[2].text, "live");
    for (const base::CsvField& field : row.fields) {
      EXPECT_NE(field.text.find_first_of("=+-@\t\r"), 0u) << "no formula: " << field.text;
    }
  }
  EXPECT_EQ(people.size(), 300u);
  const TestAnswer absent = hub_.Call({.target = "/v1/segments/gould/members",
                                       .key = hub_.keys().secret_key,
                                       .headers = {{"Accept", "text/csv"}}});
  EXPECT_EQ(absent.status, 404);
}

TEST_F(SegmentRoutes, AListWhoseSegmentIsRemovedMeanwhileIsCutShort) {
  Define(kSegments);
  http::Response response = hub_.Open({.target = "/v1/segments/gold-abroad/members",
                                       .key = hub_.keys().secret_key,
                                       .headers = {{"Accept", "text/csv"}}});
  const TestAnswer removed = hub_.Call({.method = http::Method::kDelete,
                                        .target = "/v1/segments/gold-abroad",
                                        .key = hub_.keys().secret_key,
                                        .headers = {{"If-Match", "*"}}});
  ASSERT_EQ(removed.status, 204) << removed.body;
  std::string body;
  absl::StatusOr<bool> more = true;
  while (more.ok() && *more) more = response.stream(&body);
  EXPECT_TRUE(absl::IsAborted(more.status())) << body;
}

TEST_F(SegmentRoutes, APreviewOfAWrongRuleSaysWhatIsWrong) {
  const TestAnswer refused = hub_.Post("/v1/segments:preview", R"({"rule":"persn.traits.a == 1"})");
  EXPECT_EQ(refused.status, 422) << refused.body;
  EXPECT_EQ(refused.At("errors.0.pointer"), "/rule");
  EXPECT_THAT(refused.At("errors.0.detail"), testing::StartsWith("1:1: there is no variable"));
  EXPECT_THAT(refused.body, HasSubstr("did you mean `person`?"));
  EXPECT_EQ(hub_.Post("/v1/segments:preview", "{}").status, 422);
  EXPECT_EQ(hub_.Post("/v1/segments:preview", "no").status, 400);
}

TEST_F(SegmentRoutes, NamesThatAreNotThereAreTold) {
  Define(kSegments);
  const TestAnswer missing = hub_.Get("/v1/segments/gald:count");
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(missing.code(), "no_such_segment");
  EXPECT_THAT(missing.At("detail"), HasSubstr("did you mean gold?"));
  EXPECT_EQ(hub_.Get("/v1/segments/gold:overlap").code(), "missing_parameter");
  EXPECT_EQ(hub_.Get("/v1/segments/gold:overlap?with=x").status, 404);
  EXPECT_EQ(hub_.Get("/v1/segments/gold/members?cursor=zz").code(), "bad_cursor");
  EXPECT_EQ(hub_.Get("/v1/segments/gold/members?cursor=ffff00000000").code(), "bad_cursor");
  EXPECT_EQ(hub_.Get("/v1/people/user_id:who/segments/gold").status, 404);
}

TEST_F(SegmentRoutes, RulesThatAreWrongAreRefusedWithThePlace) {
  const TestAnswer refused =
      hub_.Call({.method = http::Method::kPost,
                 .target = "/v1/resources:apply",
                 .body = "kind: segment\nname: a\nspec: {rule: 'person.trait.plan == \"x\"'}\n",
                 .key = hub_.keys().secret_key,
                 .headers = {{"Content-Type", "application/yaml"}}});
  EXPECT_EQ(refused.status, 422) << refused.body;
  EXPECT_EQ(refused.At("errors.0.pointer"), "/spec/rule");
  EXPECT_EQ(refused.At("errors.0.line"), "3");
  EXPECT_EQ(refused.At("errors.0.column"), "22");
  EXPECT_THAT(refused.body, HasSubstr("did you mean `traits`?"));
}

}  // namespace
}  // namespace batuta::api

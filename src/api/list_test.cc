#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "api/test_hub.h"
#include "base/text.h"

namespace batuta::api {
namespace {

using testing::HasSubstr;

constexpr std::string_view kLists = R"(
kind: segment
name: vip
spec: {title: From the sales team, list: true}
---
kind: segment
name: vip-abroad
spec: {rule: '"vip" in person.segments && person.traits.country != "MX"'}
)";

class Lists : public testing::Test {
 protected:
  TestAnswer Upload(std::string_view csv, std::string_view target = "/v1/segments/vip/list") {
    return hub_.Call({.method = http::Method::kPut,
                      .target = std::string(target),
                      .body = std::string(csv),
                      .key = hub_.keys().secret_key,
                      .headers = {{"Content-Type", "text/csv"}}});
  }
  void Identify(std::string_view user, std::string_view email, std::string_view country) {
    hub_.Ingest("/v1/identify", base::StrCat(R"({"userId":")", user, R"(","traits":{"email":")",
                                             email, R"(","country":")", country, R"("}})"));
  }
  // The members, when they have been found.
  std::string CountOf(std::string_view segment) {
    TestAnswer counted;
    for (int i = 0; i < 2000; ++i) {
      counted = hub_.Get(base::StrCat("/v1/segments/", segment, ":count"));
      if (counted.At("state") == "ready") break;
      absl::SleepFor(absl::Milliseconds(5));
    }
    return counted.At("count");
  }
  std::string IsVip(std::string_view user) {
    return hub_.Get(base::StrCat("/v1/people/user_id:", user, "/segments/vip")).At("member");
  }

  TestHub hub_;
};

TEST_F(Lists, WhoIsOnTheListIsInTheSegment) {
  ASSERT_EQ(hub_.Apply(kLists).status, 200);
  Identify("ana", "ana@uno.mx", "CO");
  Identify("bob", "bob@uno.mx", "MX");
  Identify("eva", "eva@uno.mx", "CO");
  EXPECT_EQ(CountOf("vip"), "0");
  const TestAnswer uploaded =
      Upload("name,email\nAna, ANA@uno.mx \nBob,bob@uno.mx\nZoe,zoe@uno.mx\nBob,bob@uno.mx\nX,\n");
  ASSERT_EQ(uploaded.status, 200) << uploaded.body;
  EXPECT_EQ(uploaded.At("identifier"), "email");
  EXPECT_EQ(uploaded.At("listed"), "3") << uploaded.body;
  EXPECT_EQ(uploaded.At("known"), "2");
  EXPECT_EQ(uploaded.At("unknownLines"), "[4]");
  EXPECT_EQ(uploaded.At("repeated"), "1");
  EXPECT_EQ(uploaded.At("unusableLines"), "[6]");
  EXPECT_EQ(CountOf("vip"), "2");
  EXPECT_EQ(CountOf("vip-abroad"), "1");
  EXPECT_EQ(IsVip("ana"), "true");
  EXPECT_EQ(IsVip("eva"), "false");
  EXPECT_EQ(hub_.Get("/v1/segments/vip:overlap?with=vip-abroad").At("both"), "1");
}

TEST_F(Lists, AnUploadReplacesTheList) {
  ASSERT_EQ(hub_.Apply(kLists).status, 200);
  Identify("ana", "ana@uno.mx", "CO");
  Identify("bob", "bob@uno.mx", "MX");
  ASSERT_EQ(Upload("user_id\nana\n").status, 200);
  EXPECT_EQ(CountOf("vip"), "1");
  ASSERT_EQ(Upload("user_id\nbob\n").status, 200);
  EXPECT_EQ(CountOf("vip"), "1");
  EXPECT_EQ(IsVip("ana"), "false");
  EXPECT_EQ(IsVip("bob"), "true");
  ASSERT_EQ(Upload("user_id\n").status, 200) << "an empty list is one";
  EXPECT_EQ(CountOf("vip"), "0");
}

// Somebody who comes after the upload, and somebody whose other identifier is on the list.
TEST_F(Lists, MembershipFollowsIdentifiers) {
  ASSERT_EQ(hub_.Apply(kLists).status, 200);
  ASSERT_EQ(Upload("email\nana@uno.mx\n").status, 200);
  EXPECT_EQ(CountOf("vip"), "0");
  hub_.Ingest("/v1/identify", R"({"userId":"ana","traits":{"plan":"gold"}})");
  EXPECT_EQ(IsVip("ana"), "false");
  Identify("ana", "ana@uno.mx", "CO");
  EXPECT_EQ(CountOf("vip"), "1");
  EXPECT_EQ(IsVip("ana"), "true");
  const TestAnswer timeline = hub_.Get("/v1/people/user_id:ana/timeline");
  EXPECT_THAT(timeline.body, HasSubstr("\"vip\"")) << "entering is told";
  const TestAnswer erased = hub_.Call({.method = http::Method::kDelete,
                                       .target = "/v1/people/user_id:ana",
                                       .key = hub_.keys().secret_key});
  EXPECT_LT(erased.status, 300) << erased.body;
  EXPECT_EQ(CountOf("vip"), "0");
}

TEST_F(Lists, WhatIsWrongIsTold) {
  ASSERT_EQ(hub_.Apply(kLists).status, 200);
  EXPECT_EQ(Upload("email\na@b.mx\n", "/v1/segments/vip-abroad/list").code(), "not_a_list");
  EXPECT_EQ(Upload("email\na@b.mx\n", "/v1/segments/vipp/list").status, 404);
  EXPECT_EQ(Upload("name\nAna\n").At("errors.0.code"), "missing_column");
  const TestAnswer ragged = Upload("email,name\na@b.mx\n\"x\n");
  EXPECT_EQ(ragged.status, 422);
  EXPECT_EQ(ragged.At("errors.0.code"), "ragged_row");
  EXPECT_EQ(ragged.At("errors.1.code"), "unclosed_quote");
  EXPECT_EQ(Upload("card\nc-1\n", "/v1/segments/vip/list?identifier=card").At("identifier"),
            "card");
  EXPECT_THAT(hub_.Apply("{kind: segment, name: a, spec: {title: A}}").body, HasSubstr("rule"));
  EXPECT_THAT(hub_.Apply("{kind: segment, name: a, spec: {list: true, rule: 'true'}}").body,
              HasSubstr("list"));
  EXPECT_THAT(hub_.Apply("{kind: segment, name: a, spec: {rule: 'on_list(\"vipp\")'}}").body,
              HasSubstr("did you mean `vip`?"));
}

}  // namespace
}  // namespace batuta::api

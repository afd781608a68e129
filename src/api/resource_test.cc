#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/test_hub.h"
#include "base/text.h"

namespace batuta::api {
namespace {

using http::Method;
using testing::HasSubstr;

class Resources : public testing::Test {
 protected:
  TestAnswer With(Method method, std::string_view target, std::string_view body,
                  std::string_view header, std::string_view value) {
    return hub_.Call({.method = method,
                      .target = std::string(target),
                      .body = std::string(body),
                      .key = hub_.keys().secret_key,
                      .headers = {{std::string(header), std::string(value)}}});
  }
  TestHub hub_;
};

TEST_F(Resources, AreListedReadAndKnownByTheirTag) {
  const TestAnswer list = hub_.Get("/v1/actions");
  EXPECT_EQ(list.At("data.0.name"), "gold-card");
  EXPECT_EQ(list.At("data.1.name"), "plain-card");
  const TestAnswer one = hub_.Get("/v1/actions/gold-card");
  EXPECT_EQ(one.At("spec.title"), "Tarjeta Oro");
  EXPECT_EQ(one.At("version"), "1");
  const std::string etag(one.headers.Get("ETag"));
  EXPECT_EQ(etag, "\"" + one.At("etag") + "\"");
  EXPECT_EQ(With(Method::kGet, "/v1/actions/gold-card", "", "If-None-Match", etag).status, 304);
  EXPECT_EQ(hub_.Get("/v1/actions/none").code(), "no_such_resource");
  EXPECT_THAT(hub_.Get("/v1/action").At("detail"), HasSubstr("did you mean /v1/actions"));
}

TEST_F(Resources, AreChangedOnlyByWhoHasSeenThem) {
  const std::string body = R"({"spec":{"title":"Shop"}})";
  const TestAnswer made = hub_.Send(Method::kPut, "/v1/sources/shop", body);
  EXPECT_EQ(made.status, 201) << made.body;
  const std::string etag(made.headers.Get("ETag"));
  const std::string other = R"({"kind":"source","name":"shop","spec":{"title":"Store"}})";
  EXPECT_EQ(hub_.Send(Method::kPut, "/v1/sources/shop", other).status, 428);
  EXPECT_EQ(With(Method::kPut, "/v1/sources/shop", other, "If-Match", "\"00\"").status, 412);
  EXPECT_EQ(With(Method::kPut, "/v1/sources/shop", other, "If-None-Match", "*").status, 412);
  const TestAnswer changed = With(Method::kPut, "/v1/sources/shop", other, "If-Match", etag);
  EXPECT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(changed.At("version"), "2");
  EXPECT_EQ(hub_.Get("/v1/sources/shop").At("spec.title"), "Store");
  EXPECT_EQ(With(Method::kPut, "/v1/sources/new", body, "If-Match", etag).status, 412);
  EXPECT_EQ(hub_.Send(Method::kDelete, "/v1/sources/shop", "").status, 428);
  EXPECT_EQ(With(Method::kDelete, "/v1/sources/shop", "", "If-Match", etag).status, 412);
  EXPECT_EQ(
      With(Method::kDelete, "/v1/sources/shop", "", "If-Match", changed.headers.Get("ETag")).status,
      204);
  EXPECT_EQ(hub_.Get("/v1/sources/shop").status, 404);
}

TEST_F(Resources, WhatAGetGaveCanBePutBack) {
  const TestAnswer read = hub_.Get("/v1/actions/gold-card");
  const TestAnswer put =
      With(Method::kPut, "/v1/actions/gold-card", read.body, "If-Match", read.headers.Get("ETag"));
  EXPECT_EQ(put.status, 200) << put.body;
  EXPECT_EQ(put.At("version"), "1");
}

TEST_F(Resources, EveryErrorIsToldAtOnceWithItsPlace) {
  const TestAnswer answer = hub_.Post(
      "/v1/resources:apply",
      R"({"files":[{"name":"a.yaml","text":"kind: action\nname: x\nspec:\n  titel: X\n  value: {amount: \"1\", currency: MXN}\n---\nkind: holdout\nname: h\nspec: {percent: 200}\n"}]})");
  EXPECT_EQ(answer.status, 422);
  EXPECT_EQ(answer.code(), "invalid_resources");
  EXPECT_EQ(answer.At("errors.0.pointer"), "/spec/titel") << answer.body;
  EXPECT_EQ(answer.At("errors.0.file"), "a.yaml");
  EXPECT_EQ(answer.At("errors.0.line"), "4");
  EXPECT_THAT(answer.body, HasSubstr("/spec/percent"));
  EXPECT_EQ(hub_.Get("/v1/actions/x").status, 404);
}

TEST_F(Resources, AreComparedAndAppliedTogether) {
  const std::string body =
      R"({"documents":[{"kind":"source","name":"crm","spec":{"title":"CRM"}},
                       {"kind":"source","name":"default","spec":{"title":"Other"}}]})";
  const TestAnswer diff = hub_.Post("/v1/resources:diff", body);
  ASSERT_EQ(diff.status, 200) << diff.body;
  EXPECT_EQ(diff.At("added.0.name"), "crm");
  EXPECT_EQ(diff.At("changed.0.fields.0.pointer"), "/spec/title");
  EXPECT_THAT(diff.At("text"), HasSubstr("+1 ~1 -0"));
  EXPECT_EQ(hub_.Get("/v1/sources/crm").status, 404);
  const TestAnswer applied = hub_.Post("/v1/resources:apply", body);
  EXPECT_EQ(applied.status, 200) << applied.body;
  EXPECT_EQ(applied.At("inForce"), "true");
  EXPECT_EQ(hub_.Get("/v1/sources/crm").At("spec.title"), "CRM");
  const TestAnswer again = hub_.Post("/v1/resources:apply", body);
  EXPECT_EQ(again.At("version"), applied.At("version"));
}

TEST_F(Resources, WhatIsNotStatedGoesOnlyWhenAsked) {
  const std::string list = R"([{"kind":"source","name":"crm","spec":{}}])";
  EXPECT_EQ(hub_.Post("/v1/resources:diff", list).At("removed"), "[]");
  const TestAnswer pruned = hub_.Post("/v1/resources:diff?removeUnstated=true", list);
  EXPECT_NE(pruned.At("removed"), "[]");
  const TestAnswer removed = hub_.Post(
      "/v1/resources:apply",
      R"({"removals":[{"kind":"treatment","name":"plain-card-web"},{"kind":"action","name":"plain-card"}]})");
  EXPECT_EQ(removed.status, 200) << removed.body;
  EXPECT_EQ(hub_.Get("/v1/actions/plain-card").status, 404);
}

TEST_F(Resources, AChangeIsInForceEverywhereWhenItIsAnswered) {
  EXPECT_EQ(hub_.Post("/v1/resources:apply",
                      R"({"removals":[{"kind":"treatment","name":"plain-card-web"}]})")
                .status,
            200);
  for (int i = 0; i < 20; ++i) {
    const TestAnswer answer = hub_.Post(
        "/v1/decisions",
        base::StrCat(R"({"person":{"userId":"f)", i, R"("},"placement":"web.home.hero"})"));
    EXPECT_EQ(answer.At("actions.0.nothing"), "true") << answer.body;
  }
}

TEST_F(Resources, BadBodiesAreRefused) {
  EXPECT_EQ(hub_.Post("/v1/resources:apply", "{").code(), "not_json");
  EXPECT_THAT(hub_.Post("/v1/resources:apply", "kind: hub").At("detail"),
              HasSubstr("Content-Type: application/yaml"));
  EXPECT_EQ(hub_.Post("/v1/resources:apply", R"({"docs":[]})").At("errors.0.pointer"), "/docs");
  EXPECT_EQ(hub_.Send(Method::kPut, "/v1/sources/x", "{").status, 422);
  EXPECT_EQ(hub_.Send(Method::kPut, "/v1/sources/x", R"({"title":"X"})").status, 422);
  EXPECT_EQ(hub_.Send(Method::kPut, "/v1/sources/X!", R"({"spec":{}})").status, 422);
  EXPECT_EQ(hub_.Send(Method::kPut, "/v1/sources/x", R"({"kind":"action","spec":{}})")
                .At("errors.0.pointer"),
            "/kind");
}

TEST_F(Resources, EachKindHasItsSchema) {
  const TestAnswer list = hub_.Get("/v1/schemas");
  EXPECT_EQ(list.At("data.0.kind"), "action");
  EXPECT_EQ(hub_.Get("/v1/schemas/action").status, 200);
  EXPECT_EQ(hub_.Get("/v1/schemas/none").status, 404);
}

}  // namespace
}  // namespace batuta::api

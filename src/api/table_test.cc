#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "api/test_hub.h"
#include "base/text.h"

namespace batuta::api {
namespace {

using testing::HasSubstr;

constexpr std::string_view kShop = R"(
kind: table
name: products
spec:
  title: Products
  key: sku
  columns: [{name: sku}, {name: title}, {name: margin, type: number}]
---
kind: segment
name: good
spec: {rule: 'lookup("products", person.traits.sku).margin > 0.3'}
---
kind: action
name: gold-card
spec:
  title: Tarjeta Oro
  value: {amount: "120.00", currency: MXN}
  eligible: lookup("products", context.sku).margin > 0.3
  window: 7d
)";

constexpr std::string_view kRows = "sku,title,margin\nA1,\"Shoe, red\",0.5\nB2,=1+1,\n";

class TableRoutes : public testing::Test {
 protected:
  TestAnswer Upload(std::string_view csv, std::string_view table = "products") {
    return hub_.Call({.method = http::Method::kPut,
                      .target = base::StrCat("/v1/tables/", table, "/rows"),
                      .body = std::string(csv),
                      .key = hub_.keys().secret_key,
                      .headers = {{"Content-Type", "text/csv"}}});
  }
  TestAnswer Download() {
    return hub_.Call({.target = "/v1/tables/products/rows",
                      .key = hub_.keys().secret_key,
                      .headers = {{"Accept", "text/csv"}}});
  }

  TestHub hub_;
};

TEST_F(TableRoutes, RowsComeInAndGoOut) {
  ASSERT_EQ(hub_.Apply(kShop).status, 200);
  EXPECT_EQ(Download().body, "sku,title,margin\r\n") << "nothing to give but the names";
  EXPECT_EQ(hub_.Get("/v1/tables/products").At("content"), "");
  const TestAnswer uploaded = Upload(kRows);
  ASSERT_EQ(uploaded.status, 200) << uploaded.body;
  EXPECT_EQ(uploaded.At("rows"), "2");
  EXPECT_EQ(uploaded.At("version"), "1");
  EXPECT_EQ(uploaded.At("inForce"), "true");
  EXPECT_EQ(Download().body, "sku,title,margin\r\nA1,\"Shoe, red\",0.5\r\nB2,=1+1,\r\n");
  EXPECT_EQ(Upload(Download().body).At("version"), "2");
  const TestAnswer shown = hub_.Get("/v1/tables/products");
  EXPECT_EQ(shown.At("content.rows"), "2") << shown.body;
  EXPECT_EQ(shown.At("content.version"), "2");
  EXPECT_EQ(shown.At("spec.title"), "Products");
  const TestAnswer listed = hub_.Get("/v1/tables");
  EXPECT_EQ(listed.At("data.0.name"), "products");
  EXPECT_EQ(listed.At("data.0.content.rows"), "2");
}

TEST_F(TableRoutes, AFileOfManyRowsComesWhole) {
  ASSERT_EQ(hub_.Apply(kShop).status, 200);
  std::string csv = "sku,title,margin\r\n";
  for (int i = 0; i < 20'000; ++i) csv += base::StrCat("P", i, ",a title of some length,0.25\r\n");
  const TestAnswer uploaded = Upload(csv);
  ASSERT_EQ(uploaded.status, 200) << uploaded.body;
  EXPECT_EQ(uploaded.At("rows"), "20000");
  EXPECT_EQ(Download().body, csv);
}

TEST_F(TableRoutes, WhatIsWrongIsToldWithItsPlaceAndChangesNothing) {
  ASSERT_EQ(hub_.Apply(kShop).status, 200);
  ASSERT_EQ(Upload(kRows).status, 200);
  const TestAnswer refused = Upload("sku,title,margin\nA1,Shoe,high\nA1,Sock,0.1\nB2\n");
  EXPECT_EQ(refused.status, 422) << refused.body;
  EXPECT_EQ(refused.code(), "invalid_rows");
  EXPECT_EQ(refused.At("errors.0.code"), "type");
  EXPECT_EQ(refused.At("errors.0.line"), "2");
  EXPECT_EQ(refused.At("errors.0.column"), "9");
  EXPECT_EQ(refused.At("errors.1.code"), "duplicate_key");
  EXPECT_EQ(refused.At("errors.2.code"), "ragged_row");
  EXPECT_EQ(hub_.Get("/v1/tables/products").At("content.version"), "1");
  const TestAnswer unknown = Upload(kRows, "prodcts");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_THAT(unknown.body, HasSubstr("did you mean products?"));
  const TestAnswer json = hub_.Send(http::Method::kPut, "/v1/tables/products/rows", "{}");
  EXPECT_EQ(json.status, 415) << json.body;
}

TEST_F(TableRoutes, SegmentsFollowAnUpload) {
  ASSERT_EQ(hub_.Apply(kShop).status, 200);
  hub_.Ingest("/v1/identify", R"({"userId":"ana","traits":{"sku":"A1"}})");
  ASSERT_EQ(Upload(kRows).status, 200);
  TestAnswer counted;
  for (int i = 0; i < 2000; ++i) {
    counted = hub_.Get("/v1/segments/good:count");
    if (counted.At("state") == "ready") break;
    absl::SleepFor(absl::Milliseconds(5));
  }
  EXPECT_EQ(counted.At("count"), "1") << counted.body;
  const TestAnswer why = hub_.Get("/v1/people/user_id:ana/segments/good");
  EXPECT_EQ(why.At("member"), "true") << why.body;
  EXPECT_EQ(why.At("conditions.0.seen.1.field"), "lookup(\"products\", \"A1\")") << why.body;
  const TestAnswer preview = hub_.Post(
      "/v1/segments:preview", R"({"rule":"lookup('products', person.traits.sku).margin > 0.3"})");
  EXPECT_EQ(preview.At("count"), "1") << preview.body;
  const TestAnswer asked =
      hub_.Post("/v1/rules:evaluate",
                R"({"rule":"lookup('products', person.traits.sku).margin > 0.3",
                    "person":{"userId":"ana"}})");
  EXPECT_EQ(asked.At("outcome"), "true") << asked.body;
}

// What was looked up stands in the trace, so the decision is the same when the rows are others.
TEST_F(TableRoutes, ADecisionIsReplayedWhenItsRowsHaveChanged) {
  ASSERT_EQ(hub_.Apply(kShop).status, 200);
  ASSERT_EQ(Upload(kRows).status, 200);
  const TestAnswer decided = hub_.Post(
      "/v1/decisions",
      R"({"person":{"userId":"ana"},"placement":"web.home.hero","context":{"sku":"A1"}})");
  ASSERT_EQ(decided.status, 200) << decided.body;
  ASSERT_EQ(Upload("sku,title,margin\nA1,Shoe,0.1\n").status, 200);
  const TestAnswer replayed =
      hub_.Post(base::StrCat("/v1/decisions/", decided.At("id"), ":replay"), "{}");
  EXPECT_EQ(replayed.At("equal"), "true") << replayed.body;
  EXPECT_EQ(replayed.At("from"), "trace and definitions");
  const TestAnswer later = hub_.Post(
      "/v1/decisions",
      R"({"person":{"userId":"ana"},"placement":"web.home.hero","context":{"sku":"A1"}})");
  const TestAnswer why = hub_.Get(base::StrCat("/v1/decisions/", later.At("id"), "/explanation"));
  EXPECT_THAT(why.body, HasSubstr("lookup(\\\"products\\\", \\\"A1\\\")"));
  EXPECT_THAT(why.body, HasSubstr("ruleFalse"));
}

TEST_F(TableRoutes, ATableThatRulesNeedIsNotRemoved) {
  ASSERT_EQ(hub_.Apply(kShop).status, 200);
  const TestAnswer refused = hub_.Call({.method = http::Method::kDelete,
                                        .target = "/v1/tables/products",
                                        .key = hub_.keys().secret_key,
                                        .headers = {{"If-Match", "*"}}});
  EXPECT_EQ(refused.status, 422) << refused.body;
  EXPECT_THAT(refused.body, HasSubstr("there is no table `products`"));
}

TEST_F(TableRoutes, ADeclarationThatIsNotRightIsRefused) {
  const TestAnswer refused = hub_.Apply(
      "{kind: table, name: t, spec: {key: skuu, columns: [{name: sku}, {name: sku}, {name: "
      "a-b}]}}");
  EXPECT_EQ(refused.status, 422) << refused.body;
  const TestAnswer key = hub_.Apply(
      "{kind: table, name: t, spec: {key: skuu, columns: [{name: sku}, {name: margin, type: "
      "number}]}}");
  EXPECT_THAT(key.body, HasSubstr("did you mean \\\"sku\\\"?"));
  const TestAnswer type =
      hub_.Apply("{kind: table, name: t, spec: {key: sku, columns: [{name: sku, type: number}]}}");
  EXPECT_THAT(type.body, HasSubstr("the key is a text or an integer"));
}

}  // namespace
}  // namespace batuta::api

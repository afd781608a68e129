#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "api/test_hub.h"
#include "base/text.h"

namespace batuta::api {
namespace {

using testing::HasSubstr;

constexpr std::string_view kShop = R"(
{kind: action, name: voucher, spec: {title: Voucher, value: {amount: "900.00", currency: MXN}, cost: {amount: "40.00", currency: MXN}}}
---
{kind: placement, name: spot, spec: {channel: web, choice: {method: greedy, floor: 0}}}
---
{kind: treatment, name: voucher-web, spec: {action: voucher, channel: web, placements: [spot], variants: [{name: a, content: {}}]}}
---
{kind: budget, name: gifts, spec: {limit: {amount: "100.00", currency: MXN}, per: campaign, only: {actions: [voucher]}}}
---
{kind: capacity, name: desk, spec: {max: 50, per: week, only: {actions: [voucher]}}}
---
{kind: agreement, name: shop, spec: {title: The shop, only: {actions: [voucher]}, per: week, atMost: 40, atLeast: 30, boost: {amount: "2.00", currency: MXN}, exclusive: {over: {actions: [voucher]}, placements: [spot]}}}
)";

class ConstraintRoutes : public testing::Test {
 protected:
  ConstraintRoutes() { EXPECT_EQ(hub_.Apply(kShop).status, 200); }
  TestAnswer Decide(std::string_view person) {
    return hub_.Post("/v1/decisions",
                     base::StrCat(R"({"person":{"userId":")", person, R"("},"placement":"spot"})"));
  }
  TestHub hub_;
};

TEST_F(ConstraintRoutes, AReportSaysWhatIsLeft) {
  TestAnswer report = hub_.Get("/v1/budgets/gifts:report");
  EXPECT_EQ(report.At("periods.0.left"), "100.00") << report.body;
  const TestAnswer first = Decide("g1");
  EXPECT_EQ(first.At("actions.0.action"), "voucher") << first.body;
  EXPECT_LT(hub_.Post(base::StrCat("/v1/decisions/", first.At("id"), "/outcomes"),
                      R"({"type":"impression"})")
                .status,
            300);
  EXPECT_EQ(Decide("g2").At("actions.0.action"), "voucher");
  report = hub_.Get("/v1/budgets/gifts:report");
  EXPECT_EQ(report.At("budget"), "gifts") << report.body;
  EXPECT_EQ(report.At("limit"), "100.00");
  EXPECT_EQ(report.At("currency"), "MXN");
  EXPECT_EQ(report.At("periods.0.state"), "open");
  EXPECT_EQ(report.At("periods.0.spent"), "40.00");
  EXPECT_EQ(report.At("periods.0.reserved"), "40.00");
  EXPECT_EQ(report.At("periods.0.left"), "20.00");
  const TestAnswer desk = hub_.Get("/v1/capacities/desk:report");
  EXPECT_EQ(desk.At("per"), "week") << desk.body;
  EXPECT_EQ(desk.At("periods.0.left"), "48");
  const TestAnswer shop = hub_.Get("/v1/agreements/shop:report");
  EXPECT_EQ(shop.At("agreement"), "shop") << shop.body;
  EXPECT_EQ(shop.At("title"), "The shop");
  EXPECT_EQ(shop.At("atMost"), "40");
  EXPECT_EQ(shop.At("atLeast"), "30");
  EXPECT_EQ(shop.At("boost"), "2.00");
  EXPECT_EQ(shop.At("exclusive.placements.0"), "spot");
  EXPECT_EQ(shop.At("periods.0.delivered"), "1");
  EXPECT_EQ(shop.At("periods.0.reserved"), "1");
  EXPECT_EQ(shop.At("periods.0.left"), "38");
  EXPECT_NE(shop.At("periods.0.due"), "");
  EXPECT_NE(shop.At("periods.0.behind"), "");
  EXPECT_NE(shop.At("periods.0.atRisk"), "");
  EXPECT_EQ(hub_.Get("/v1/agreements/shops:report").status, 404);
  // The third is more than is left.
  const TestAnswer third = Decide("g3");
  const TestAnswer why = hub_.Get("/v1/decisions/" + third.At("id") + "/explanation?lang=es");
  EXPECT_EQ(why.At("considered.0.result"), "exhausted") << why.body;
  EXPECT_THAT(why.At("considered.0.why"),
              HasSubstr("El presupuesto gifts permite 100.00 y le queda menos de 40.00"));
  EXPECT_EQ(why.At("constraints.0.constraint"), "gifts");
  const TestAnswer again = hub_.Post("/v1/decisions/" + third.At("id") + ":replay", "");
  EXPECT_EQ(again.At("equal"), "true") << again.body;
}

TEST_F(ConstraintRoutes, MistakesAreTold) {
  const TestAnswer near = hub_.Get("/v1/budgets/gift:report");
  EXPECT_EQ(near.status, 404);
  EXPECT_THAT(near.body, HasSubstr("did you mean gifts?"));
  EXPECT_EQ(hub_.Get("/v1/capacities/gifts:report").status, 404);
  const TestAnswer foreign = hub_.Apply(
      "{kind: budget, name: b, spec: {limit: {amount: \"1.00\", currency: USD}, per: day}}");
  EXPECT_EQ(foreign.status, 422) << foreign.body;
  EXPECT_THAT(foreign.body, HasSubstr("/spec/limit/currency"));
}

}  // namespace
}  // namespace batuta::api

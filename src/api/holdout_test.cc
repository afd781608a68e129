#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "api/test_hub.h"
#include "base/text.h"

namespace batuta::api {
namespace {

using testing::HasSubstr;

constexpr std::string_view kShop = R"(
{kind: action, name: card, spec: {title: Card, value: {amount: "900.00", currency: MXN}, accept: {event: Card Ordered}}}
---
{kind: placement, name: spot, spec: {channel: web, exposure: decision, choice: {method: greedy, floor: 0}}}
---
{kind: treatment, name: card-web, spec: {action: card, channel: web, placements: [spot], variants: [{name: a, content: {}}]}}
---
{kind: holdout, name: control, spec: {percent: 50}}
)";

class HoldoutRoutes : public testing::Test {
 protected:
  HoldoutRoutes() { EXPECT_EQ(hub_.Apply(kShop).status, 200); }
  bool IsHeld(const std::string& user) {
    return hub_.Post("/v1/decisions",
                     base::StrCat(R"({"person":{"userId":")", user, R"("},"placement":"spot"})"))
               .At("holdout.name") == "control";
  }
  void Order(const std::string& user) {
    const TestAnswer taken = hub_.Ingest(
        "/v1/track", base::StrCat(R"({"userId":")", user,
                                  R"(","event":"Card Ordered","properties":{"value":12.5,)"
                                  R"("currency":"MXN"}})"));
    EXPECT_EQ(taken.status, 200) << taken.body;
  }
  TestHub hub_;
};

TEST_F(HoldoutRoutes, AReportComparesTheTreatedWithTheHeldOut) {
  TestAnswer report = hub_.Get("/v1/holdouts/control:report");
  EXPECT_EQ(report.At("heldOut.people"), "0") << report.body;
  EXPECT_EQ(report.At("lift.worth.verdict"), "unclear");
  EXPECT_EQ(report.At("lift.worth.difference.value"), "");
  int held = 0;
  int treated = 0;
  for (int i = 0; held < 4 || treated < 4; ++i) {
    const std::string user = base::StrCat("u", i);
    const bool is_held = IsHeld(user);
    // Of the held out every other orders, of the treated everybody does.
    if (!is_held || held % 2 == 0) Order(user);
    ++(is_held ? held : treated);
  }
  report = hub_.Get("/v1/holdouts/control:report");
  EXPECT_EQ(report.At("arm"), "none") << report.body;
  EXPECT_EQ(report.At("percent"), "50");
  EXPECT_EQ(report.At("currency"), "MXN");
  EXPECT_EQ(report.At("counts"), "events");
  EXPECT_EQ(report.At("heldOut.people"), base::StrCat(held));
  EXPECT_EQ(report.At("treated.acceptors"), base::StrCat(treated));
  EXPECT_EQ(report.At("treated.decisions"), base::StrCat(treated));
  EXPECT_EQ(report.At("lift.acceptors.treated.mean"), "1");
  EXPECT_EQ(report.At("lift.worth.treated.mean"), "12.5");
  EXPECT_EQ(report.At("contaminated"), "0");
  const int orders = (held + 1) / 2;
  EXPECT_EQ(report.At("heldOut.acceptances"), base::StrCat(orders));
  EXPECT_EQ(report.At("heldOut.worth"),
            base::StrCat(orders * 125 / 10, orders % 2 == 0 ? ".00" : ".50"));
  EXPECT_NE(report.At("lift.acceptors.difference.low"), "");
}

TEST_F(HoldoutRoutes, OtherArmsAndThoseOfSomethingAreReportedAlike) {
  ASSERT_EQ(
      hub_.Apply("{kind: holdout, name: control, spec: {percent: 0}}\n---\n"
                 "{kind: holdout, name: chance, spec: {percent: 100, arm: propensity}}\n---\n"
                 "{kind: holdout, name: no-card, spec: {percent: 100, only: {actions: [card]}}}")
          .status,
      200);
  const TestAnswer made =
      hub_.Post("/v1/decisions", R"({"person":{"userId":"ana"},"placement":"spot"})");
  EXPECT_EQ(made.At("holdout.name"), "no-card") << made.body;
  EXPECT_EQ(made.At("holdout.arm"), "none");
  const TestAnswer why = hub_.Get("/v1/decisions/" + made.At("id") + "/explanation");
  EXPECT_EQ(why.At("holdout.all.1.name"), "chance") << why.body;
  EXPECT_EQ(why.At("holdout.all.1.arm"), "propensity");
  EXPECT_EQ(hub_.Post("/v1/decisions/" + made.At("id") + ":replay", "").At("equal"), "true");
  TestAnswer report = hub_.Get("/v1/holdouts/no-card:report");
  EXPECT_EQ(report.At("only.actions.0"), "card") << report.body;
  EXPECT_EQ(report.At("heldOut.people"), "1");
  EXPECT_EQ(report.At("counts"), "events");
  report = hub_.Get("/v1/holdouts/chance:report");
  EXPECT_EQ(report.At("arm"), "propensity") << report.body;
  EXPECT_EQ(report.At("heldOut.people"), "1") << "met as well, though another holds the card out";
  EXPECT_EQ(report.At("counts"), "events and reports");
}

TEST_F(HoldoutRoutes, APersonSaysWhichHoldoutsHaveMetThem) {
  const bool is_held = IsHeld("ana");
  const TestAnswer person = hub_.Get("/v1/people/user_id:ana");
  EXPECT_EQ(person.At("holdouts.0.name"), "control") << person.body;
  EXPECT_EQ(person.At("holdouts.0.heldOut"), is_held ? "true" : "false");
  EXPECT_EQ(person.At("holdouts.0.contaminated"), "");
}

TEST_F(HoldoutRoutes, ANameThatIsNearIsSuggested) {
  const TestAnswer near = hub_.Get("/v1/holdouts/contrl:report");
  EXPECT_EQ(near.status, 404);
  EXPECT_THAT(near.body, HasSubstr("did you mean control?"));
}

}  // namespace
}  // namespace batuta::api

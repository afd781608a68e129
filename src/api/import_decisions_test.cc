// Decisions of another system by the API: each checked by itself, taken once, shown, explained.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "api/test_hub.h"
#include "base/text.h"

namespace batuta::api {
namespace {

using testing::HasSubstr;

constexpr std::string_view kShop = R"(
{kind: action, name: voucher, spec: {title: Voucher, value: {amount: "9.00", currency: MXN}}}
---
{kind: placement, name: spot, spec: {channel: web, choice: {method: greedy, floor: 0}}}
---
{kind: treatment, name: voucher-web, spec: {action: voucher, channel: web, placements: [spot], variants: [{name: a, content: {}}]}}
)";

class ImportedDecisions : public testing::Test {
 protected:
  ImportedDecisions() { EXPECT_EQ(hub_.Apply(kShop).status, 200); }

  TestAnswer Import(const std::string& batch) {
    return hub_.Post("/v1/decisions:import", base::StrCat("{\"batch\":[", batch, "]}"));
  }
  static std::string Line(std::string_view id, std::string_view more) {
    return base::StrCat(R"({"id":")", id, R"(","person":{"userId":"ana"},"placement":"spot",)",
                        R"("time":"2025-06-01T10:00:00Z",)", more, "}");
  }
  // Why a decision with that is not taken: "code pointer".
  std::string Refusal(std::string_view more) {
    const TestAnswer answer = Import(Line("x", more));
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.At("accepted"), "0") << more;
    return base::StrCat(answer.At("rejected.0.code"), " ", answer.At("rejected.0.pointer"));
  }

  TestHub hub_;
};

TEST_F(ImportedDecisions, StandInTheTimelineWithWhatCameOfThem) {
  const TestAnswer taken = Import(Line(
      "m1",
      R"("action":"voucher","probability":0.25,"outcome":"accepted","outcomeAt":"2025-06-02T10:00:00Z",
         "value":{"amount":"12.50","currency":"MXN"},
         "candidates":[{"action":"voucher","probability":0.25},{"probability":0.75}])"));
  ASSERT_EQ(taken.status, 200) << taken.body;
  EXPECT_EQ(taken.At("accepted"), "1");
  Import(Line("m1", R"("action":"voucher","probability":0.25,"outcome":"accepted")"));
  const TestAnswer timeline = hub_.Get("/v1/people/user_id:ana/timeline");
  EXPECT_EQ(timeline.At("data.1.kind"), "") << timeline.body;
  const std::string id = timeline.At("data.0.decisionId");
  ASSERT_NE(id, "") << timeline.body;
  const TestAnswer made = hub_.Get("/v1/decisions/" + id);
  EXPECT_EQ(made.At("time"), "2025-06-01T10:00:00Z") << made.body;
  EXPECT_EQ(made.At("actions.0.action"), "voucher");
  EXPECT_EQ(made.At("imported.id"), "m1");
  EXPECT_EQ(made.At("imported.outcome"), "accepted");
  EXPECT_EQ(made.At("imported.value.amount"), "12.50");
  const TestAnswer why = hub_.Get("/v1/decisions/" + id + "/explanation?lang=es");
  EXPECT_THAT(why.At("summary"), HasSubstr("lo decidió otro sistema")) << why.body;
  EXPECT_EQ(why.At("considered.0.probability"), "0.25");
  EXPECT_EQ(hub_.Post("/v1/decisions/" + id + ":replay", "").status, 409);
  EXPECT_GE(hub_.Post("/v1/decisions/" + id + "/outcomes", R"({"type":"accept"})").status, 400);
}

TEST_F(ImportedDecisions, AWrongOneIsRejectedByItself) {
  const TestAnswer answer = Import(
      base::StrCat(Line("m1", R"("probability":2)"), ",",
                   Line("m2", R"("action":"voucher","probability":1,"outcome":"ignored")"), ",7"));
  EXPECT_EQ(answer.At("accepted"), "1") << answer.body;
  EXPECT_EQ(answer.At("rejected.0.index"), "0");
  EXPECT_EQ(answer.At("rejected.0.pointer"), "/probability");
  EXPECT_EQ(answer.At("rejected.1.index"), "2");
}

TEST_F(ImportedDecisions, EachMistakeHasItsPlace) {
  EXPECT_EQ(Refusal(R"("action":"voucher","outcome":"ignored")"), "missing /probability");
  EXPECT_EQ(Refusal(R"("action":"voucher","probability":0,"outcome":"ignored")"),
            "out_of_range /probability");
  EXPECT_EQ(Refusal(R"("action":"voucher","probability":1)"), "missing /outcome");
  EXPECT_EQ(Refusal(R"("probability":1,"outcome":"ignored")"), "of_nothing /outcome");
  EXPECT_EQ(Refusal(R"("probability":1,"more":1)"), "unknown_field /more");
  EXPECT_EQ(Refusal(R"("action":"voucher","probability":1,"outcome":"ignored",
                       "candidates":[{"action":"other","probability":1}])"),
            "no_candidate /action");
  EXPECT_EQ(Refusal(R"("action":"voucher","probability":1,"outcome":"accepted",
                       "value":{"amount":"x","currency":"MXN"})"),
            "not_an_amount /value/amount");
  EXPECT_EQ(Import(R"({"id":"x","person":{"userId":"u"},"placement":"spto",
                       "time":"2025-06-01T10:00:00Z","probability":1})")
                .At("rejected.0.detail"),
            "there is no such placement; did you mean \"spot\"?");
  EXPECT_EQ(Import(R"({"id":"x","person":{"userId":null},"placement":"spot",
                       "time":"2025-06-01T10:00:00Z","probability":1})")
                .At("rejected.0.pointer"),
            "/person");
  EXPECT_EQ(hub_.Post("/v1/decisions:import", "[]").status, 400);
  EXPECT_EQ(hub_.Post("/v1/decisions:import", "{").status, 400);
}

}  // namespace
}  // namespace batuta::api

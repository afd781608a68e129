// Decisions for everybody at once, through the api.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "api/test_hub.h"
#include "base/status.h"
#include "base/text.h"

namespace batuta::api {
namespace {

using http::Method;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

// An offer for each tier, worth the more the higher it is; all take of one capacity. What is left
// is a letter for everybody.
constexpr std::string_view kShop = R"(
kind: placement
name: email.weekly
spec: {channel: email, direction: outbound, slots: 2, exposure: impression, expiresAfter: 7d, choice: {method: squarecb, floor: 0.2}}
---
kind: capacity
name: offers
spec: {max: 3, per: day, only: {groups: [offers]}}
---
kind: group
name: offers
spec: {title: Offers}
---
kind: segment
name: high
spec: {title: High, rule: person.traits.tier >= 4.0}
)";

std::string OfferYaml(int tier) {
  return base::StrCat("---\nkind: action\nname: offer-", tier, "\nspec: {title: O, group: offers, ",
                      "eligible: person.traits.tier == ", tier, ".0, value: {amount: \"", tier,
                      "00.00\", currency: MXN}, window: 7d}\n---\nkind: treatment\nname: offer-",
                      tier, "-mail\nspec: {action: offer-", tier,
                      ", channel: email, placements: [email.weekly], "
                      "variants: [{name: a, content: {}}]}\n");
}

constexpr std::string_view kLetter = R"(
---
kind: action
name: letter
spec: {title: L, value: {amount: "1.00", currency: MXN}, window: 7d}
---
kind: treatment
name: letter-mail
spec: {action: letter, channel: email, placements: [email.weekly], variants: [{name: a, content: {}}, {name: b, content: {}}]}
)";

class BatchTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string yaml(kShop);
    for (int tier = 1; tier <= 6; ++tier) yaml += OfferYaml(tier);
    Apply(yaml);
    for (int tier = 1; tier <= 6; ++tier) {
      const TestAnswer answer =
          hub_->Ingest("/v1/identify",
                       base::StrCat(R"({"userId":"u)", tier, R"(","traits":{"tier":)", tier, "}}"));
      ASSERT_EQ(answer.status, 200) << answer.body;
    }
  }

  void AwaitSegment() {
    for (int i = 0; i < 6000; ++i) {
      if (hub_->Get("/v1/segments/high:count").At("state") == "ready") return;
      absl::SleepFor(absl::Milliseconds(5));
    }
    BATUTA_CHECK(false, "the segment is not ready");
  }
  void Apply(std::string_view yaml) {
    const TestAnswer applied = hub_->Apply(yaml);
    ASSERT_EQ(applied.status, 200) << applied.body;
  }

  TestAnswer Ask(std::string_view body) {
    return hub_->Post("/v1/placements/email.weekly:decideAll", body);
  }
  // The job, once it has ended.
  TestAnswer Await(const std::string& id) {
    for (int i = 0; i < 6000; ++i) {
      TestAnswer job = hub_->Get("/v1/jobs/" + id);
      if (job.At("state") != "running") return job;
      absl::SleepFor(absl::Milliseconds(5));
    }
    BATUTA_CHECK(false, "the job does not end");
  }
  TestAnswer Batch(std::string_view body) {
    const TestAnswer started = Ask(body);
    BATUTA_CHECK(started.status == 202, started.body);
    EXPECT_EQ(started.headers.Get("Location"), "/v1/jobs/" + started.At("id"));
    return Await(started.At("id"));
  }
  // The rows of the job's file, without the head; each is its cells.
  std::vector<std::vector<std::string>> RowsOf(const TestAnswer& job) {
    EXPECT_EQ(job.At("state"), "done") << job.body;
    const TestAnswer file = hub_->Get(job.At("result"));
    std::vector<std::string> lines = absl::StrSplit(file.body, "\r\n");
    EXPECT_THAT(lines[0], StartsWith("personId,slot,action,"));
    std::vector<std::vector<std::string>> rows;
    for (size_t i = 1; i + 1 < lines.size(); ++i) rows.push_back(absl::StrSplit(lines[i], ','));
    return rows;
  }
  static std::vector<std::string> Column(const std::vector<std::vector<std::string>>& rows,
                                         size_t column) {
    std::vector<std::string> cells;
    for (const auto& row : rows) cells.push_back(row[column]);
    return cells;
  }
  std::string Reserved() {
    return hub_->Get("/v1/capacities/offers:report").At("periods.0.reserved");
  }
  std::string Decisions() { return hub_->Get("/v1/stats").At("decisions"); }

  std::unique_ptr<TestHub> hub_ = std::make_unique<TestHub>();
};

TEST_F(BatchTest, ScarceOffersGoToThoseWhoseChoicesAreWorthMost) {
  const TestAnswer job = Batch(R"({"dryRun":true})");
  const auto rows = RowsOf(job);
  EXPECT_THAT(Column(rows, 2), ElementsAre("offer-6", "offer-5", "offer-4"));
  EXPECT_THAT(Column(rows, 5), ElementsAre("1", "1", "1")) << "it explores nothing";
  EXPECT_THAT(Column(rows, 8), ElementsAre("600.00", "500.00", "400.00"));
  EXPECT_EQ(job.At("summary.people"), "6");
  EXPECT_EQ(job.At("summary.could"), "6");
  EXPECT_EQ(job.At("summary.decided"), "3");
  EXPECT_EQ(job.At("summary.constraints"),
            R"([{"kind":"capacity","name":"offers","left":3,"taken":3,"missed":3}])");
}

TEST_F(BatchTest, ADryRunChangesNothing) {
  const auto rows = RowsOf(Batch(R"({"dryRun":true})"));
  EXPECT_THAT(Column(rows, 10), ElementsAre("", "", ""));
  EXPECT_EQ(Decisions(), "0");
  EXPECT_NE(Reserved(), "3");
}

TEST_F(BatchTest, WhatIsRecordedCountsAsAnyOtherDecision) {
  const auto rows = RowsOf(Batch("{}"));
  EXPECT_THAT(Column(rows, 2), ElementsAre("offer-6", "offer-5", "offer-4"));
  EXPECT_EQ(Decisions(), "3");
  EXPECT_EQ(Reserved(), "3");
  const std::string id = rows[0][10];
  const TestAnswer decision = hub_->Get("/v1/decisions/" + id);
  EXPECT_EQ(decision.At("actions.0.action"), "offer-6");
  EXPECT_EQ(decision.At("personId"), rows[0][0]);
  EXPECT_EQ(hub_->Post("/v1/decisions/" + id + ":replay", "").At("equal"), "true");
  EXPECT_EQ(hub_->Post("/v1/decisions/" + id + "/outcomes", R"({"type":"impression"})").status,
            200);
  EXPECT_THAT(RowsOf(Batch("{}")), IsEmpty()) << "the capacity is used up";
  EXPECT_EQ(Decisions(), "3");
}

TEST_F(BatchTest, WhoDoesNotGetTheFirstIsOfferedTheNext) {
  Apply(kLetter);
  EXPECT_THAT(Column(RowsOf(Batch(R"({"slots":1})")), 2),
              ElementsAre("offer-6", "offer-5", "offer-4", "letter", "letter", "letter"));
}

TEST_F(BatchTest, APersonGetsAsManyAsThereAreSlots) {
  Apply(kLetter);
  AwaitSegment();
  const auto rows = RowsOf(Batch(R"({"slots":2,"segment":"high","dryRun":true})"));
  EXPECT_THAT(Column(rows, 2),
              ElementsAre("offer-6", "letter", "offer-5", "letter", "offer-4", "letter"));
  EXPECT_THAT(Column(rows, 1), ElementsAre("0", "1", "0", "1", "0", "1"));
  EXPECT_EQ(rows[1][5], "0.5") << "two variants are equal, and drawn from";
}

TEST_F(BatchTest, TheLimitIsOfAllChoices) {
  const TestAnswer job = Batch(R"({"limit":2,"dryRun":true,"format":"ndjson"})");
  const TestAnswer file = hub_->Get(job.At("result"));
  EXPECT_EQ(file.headers.Get("Content-Type"), "application/x-ndjson");
  const std::vector<std::string> lines = absl::StrSplit(file.body, '\n');
  ASSERT_THAT(lines, SizeIs(3));
  EXPECT_THAT(lines[0], HasSubstr(R"("slot":0,"action":"offer-6")"));
  EXPECT_THAT(lines[1], HasSubstr(R"("action":"offer-5")"));
}

TEST_F(BatchTest, WhoIsHeldOutGetsNothingAndIsMet) {
  Apply("kind: holdout\nname: all\nspec: {percent: 100, arm: none}\n");
  const TestAnswer job = Batch("{}");
  EXPECT_THAT(RowsOf(job), IsEmpty());
  EXPECT_EQ(job.At("summary.heldOut"), "6") << "they take nothing of what is scarce";
  EXPECT_NE(Reserved(), "3");
  EXPECT_EQ(Decisions(), "6");
}

TEST_F(BatchTest, ABudgetIsNeverExceeded) {
  std::string yaml =
      "kind: budget\nname: money\nspec: {limit: {amount: \"25.00\", currency: MXN}, per: day}\n";
  Apply(yaml);
  for (int tier = 1; tier <= 6; ++tier) {
    std::string offer = OfferYaml(tier).substr(4);
    const size_t at = offer.find("window:");
    offer.insert(at, "cost: {amount: \"10.00\", currency: MXN}, ");
    Apply(offer);
  }
  EXPECT_THAT(Column(RowsOf(Batch("{}")), 2), ElementsAre("offer-6", "offer-5"));
  EXPECT_EQ(hub_->Get("/v1/budgets/money:report").At("periods.0.left"), "5.00");
}

// Its limit is one of those that batches keep; outside of its dates it is none.
TEST_F(BatchTest, AnAgreementLimitsWhileItIsInForce) {
  const auto agreement = [](std::string_view dates) {
    return base::StrCat(
        "kind: agreement\nname: partner\nspec: {atMost: 1, per: day, only: {groups: ", "[offers]}",
        dates, "}\n");
  };
  Apply(agreement(""));
  EXPECT_THAT(Column(RowsOf(Batch(R"({"dryRun":true})")), 2), ElementsAre("offer-6"));
  Apply(agreement(", starts: 2099-01-01"));
  EXPECT_THAT(RowsOf(Batch(R"({"dryRun":true})")), SizeIs(3)) << "the capacity alone";
}

TEST_F(BatchTest, WhatIsWrongIsToldWithItsPlace) {
  const std::pair<const char*, const char*> bodies[] = {
      {R"({"segment":"hihg"})", "/segment"},
      {R"({"segment":7})", "/segment"},
      {R"({"slots":3})", "/slots"},
      {R"({"slots":0})", "/slots"},
      {R"({"limit":0})", "/limit"},
      {R"({"format":"xls"})", "/format"},
      {R"({"context":[]})", "/context"},
      {R"({"dryRun":"yes"})", "/dryRun"},
      {R"({"identifiers":"user_id"})", "/identifiers"},
      {R"({"identifiers":["User"]})", "/identifiers/0"},
      {R"({"identifiers":["slot"]})", "/identifiers/0"},
      {R"({"identifiers":["user_id","userId"]})", "/identifiers/1"},
      {R"({"dry":true})", "/dry"}};
  for (const auto& [body, pointer] : bodies) {
    const TestAnswer answer = Ask(body);
    EXPECT_EQ(answer.status, 422) << body;
    EXPECT_EQ(answer.At("errors.0.pointer"), pointer) << answer.body;
  }
  EXPECT_THAT(Ask(R"({"segment":"hihg"})").body, HasSubstr("did you mean \\\"high\\\"?"));
  EXPECT_EQ(Ask("{").status, 400);
  const TestAnswer nowhere = hub_->Post("/v1/placements/email.weekli:decideAll", "{}");
  EXPECT_EQ(nowhere.code(), "no_such_placement");
  EXPECT_THAT(nowhere.body, HasSubstr("email.weekly"));
  EXPECT_EQ(hub_->Get("/v1/jobs").body, R"({"data":[]})");
}

TEST_F(BatchTest, TheFileSaysIdentifiersToWhoMayReadThem) {
  ASSERT_EQ(hub_->Ingest("/v1/identify", R"({"userId":"u6","traits":{"email":"ana@example.com"}})")
                .status,
            200);
  const std::string body = R"({"dryRun":true,"identifiers":["email","userId"]})";
  const TestAnswer job = Batch(body);
  const std::string file = hub_->Get(job.At("result")).body;
  EXPECT_THAT(file, StartsWith("personId,email,user_id,slot,action,"));
  EXPECT_THAT(file, HasSubstr(",ana@example.com,u6,0,offer-6,"));
  EXPECT_THAT(file, HasSubstr(",,u5,0,offer-5,")) << "who has none has an empty cell";
  const TestAnswer rows = Batch(R"({"dryRun":true,"identifiers":["email"],"format":"ndjson"})");
  EXPECT_THAT(hub_->Get(rows.At("result")).body,
              HasSubstr(R"("email":"ana@example.com","slot":0)"));

  const std::string path = "/v1/placements/email.weekly:decideAll";
  const std::string blind = hub_->KeyWith(R"(["decisions"])");
  const TestAnswer refused =
      hub_->Call({.method = Method::kPost, .target = path, .body = body, .key = blind});
  EXPECT_EQ(refused.At("errors.0.code"), "wrong_key") << refused.body;
  EXPECT_EQ(hub_->Call({.target = job.At("result"), .key = blind}).status, 404);
  const std::string seeing = hub_->KeyWith(R"(["decisions","pii:read"])");
  EXPECT_EQ(hub_->Call({.target = job.At("result"), .key = seeing}).body, file);
}

TEST_F(BatchTest, TheAuditNamesWhoRecordedOneOrReadIdentifiers) {
  const auto said = [this] {
    const TestAnswer page = hub_->Get("/v1/audit?limit=1");
    return page.At("data.0.action") + " " + page.At("data.0.object");
  };
  Batch(R"({"dryRun":true})");
  EXPECT_NE(said(), "placements.decideAll email.weekly");
  Batch(R"({"dryRun":true,"identifiers":["user_id"]})");
  EXPECT_EQ(said(), "placements.decideAll email.weekly");
  Batch("{}");
  EXPECT_EQ(hub_->Get("/v1/audit?limit=2").At("data.1.action"), "placements.decideAll");
}

TEST_F(BatchTest, UnderOneIdempotencyKeyItRunsOnce) {
  const auto ask = [this](std::string_view body) {
    return hub_->Call({.method = Method::kPost,
                       .target = "/v1/placements/email.weekly:decideAll",
                       .body = std::string(body),
                       .key = hub_->keys().secret_key,
                       .headers = {{"Idempotency-Key", "weekly-47"}}});
  };
  const TestAnswer first = ask("{}");
  ASSERT_EQ(first.status, 202);
  EXPECT_EQ(ask("{}").At("id"), first.At("id")) << "while it runs";
  ASSERT_EQ(Await(first.At("id")).At("summary.decided"), "3");
  const TestAnswer again = ask("{}");
  EXPECT_EQ(again.status, 202);
  EXPECT_EQ(again.At("id"), first.At("id")) << "and when it is over";
  EXPECT_EQ(again.At("state"), "done");
  EXPECT_EQ(Decisions(), "3");
  const TestAnswer other = ask(R"({"limit":1})");
  EXPECT_EQ(other.status, 422);
  EXPECT_EQ(other.code(), "idempotency_mismatch");
}

TEST_F(BatchTest, AJobIsSeenByThoseWhoCouldHaveStartedIt) {
  const TestAnswer job = Batch(R"({"dryRun":true})");
  const std::string path = "/v1/jobs/" + job.At("id");
  const std::string other = hub_->KeyWith(R"(["resources:read"])");
  EXPECT_EQ(hub_->Call({.target = "/v1/jobs", .key = other}).body, R"({"data":[]})");
  EXPECT_EQ(hub_->Call({.target = path, .key = other}).status, 404);
  EXPECT_EQ(hub_->Call({.target = path + "/result", .key = other}).status, 404);
  EXPECT_EQ(hub_->Call({.method = Method::kDelete, .target = path, .key = other}).status, 404);
  const std::string same = hub_->KeyWith(R"(["decisions"])");
  EXPECT_EQ(hub_->Call({.target = path, .key = same}).At("kind"), "decide_all");
  EXPECT_EQ(hub_->Call({.method = Method::kDelete, .target = path, .key = same}).status, 200);
  EXPECT_EQ(hub_->Get(path).status, 404);
  EXPECT_EQ(hub_->Get(path + "/result").status, 404);
}

TEST_F(BatchTest, ItCanBeCancelledAtAnyTime) {
  for (int i = 0; i < 20; ++i) {
    const std::string path = "/v1/jobs/" + Ask("{}").At("id");
    absl::SleepFor(absl::Microseconds(100 * i));
    const int status = hub_->Send(Method::kDelete, path, "").status;
    ASSERT_THAT(status, testing::AnyOf(200, 202));
    if (status == 200) {  // it was done already
      EXPECT_EQ(hub_->Get(path).status, 404);
      continue;
    }
    const TestAnswer job = Await(path.substr(9));
    EXPECT_THAT(job.At("state"), testing::AnyOf("cancelled", "done"));
  }
}

TEST_F(BatchTest, TheHubEndsWhileOneRuns) {
  ASSERT_EQ(Ask("{}").status, 202);
  ASSERT_EQ(Ask(R"({"dryRun":true})").status, 202);
  hub_.reset();
}

}  // namespace
}  // namespace batuta::api

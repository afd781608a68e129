#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/json.h"
#include "base/random.h"
#include "base/value.h"
#include "server/demo_api.h"
#include "server/demo_company.h"
#include "server/demo_customer.h"
#include "server/demo_event.h"
#include "server/demo_latency.h"
#include "server/demo_ledger.h"
#include "server/demo_score.h"
#include "server/demo_taste.h"
#include "server/demo_truth.h"
#include "server/demo_view.h"

namespace batuta::server {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(DemoCustomer, IsAFunctionOfSeedAndNumber) {
  EXPECT_EQ(TraitsJson(MakeCustomer(1, 42)), TraitsJson(MakeCustomer(1, 42)));
  EXPECT_NE(TraitsJson(MakeCustomer(1, 42)), TraitsJson(MakeCustomer(2, 42)));
  EXPECT_EQ(MakeCustomer(1, 42).user_id, "sol-000042");
}

TEST(DemoCustomer, EveryOfferOfTheCompanyFitsSomebody) {
  int gold = 0, zero = 0, fund = 0, prospects = 0;
  for (uint64_t number = 0; number < 1000; ++number) {
    const Customer who = MakeCustomer(1, number);
    const bool is_rich = who.income_band == "high" || who.income_band == "top";
    const bool is_young = who.age_band == "18-25" || who.age_band == "26-35";
    gold += is_rich && !who.has_credit_card;
    zero += !is_rich && is_young && !who.has_credit_card;
    fund += is_rich && who.segment == "premium";
    prospects += who.is_prospect;
  }
  EXPECT_GT(gold, 50);
  EXPECT_GT(zero, 100);
  EXPECT_GT(fund, 50);
  EXPECT_NEAR(prospects, 200, 50);
}

TEST(DemoTaste, IsHiddenButFixed) {
  const Customer who = MakeCustomer(7, 3);
  const double p = AcceptProbability(7, who, "savings-goal", "app.inbox");
  EXPECT_EQ(p, AcceptProbability(7, who, "savings-goal", "app.inbox"));
  EXPECT_NE(p, AcceptProbability(8, who, "savings-goal", "app.inbox"));
  EXPECT_GT(p, 0);
  EXPECT_LT(p, 1);
}

TEST(DemoTaste, LogisticIsSymmetricAboutAHalf) {
  EXPECT_EQ(Logistic(0), 0.5);
  EXPECT_NEAR(Logistic(1.5) + Logistic(-1.5), 1, 1e-15);
  EXPECT_NEAR(Logistic(1), 0.7310585786300049, 1e-15);
}

TEST(DemoScore, NoPolicyIsBetterThanTheBest) {
  base::Random random(1, {}, "test", "");
  for (int round = 0; round < 200; ++round) {
    std::vector<Admissible> offers;
    for (uint64_t i = 1 + random.Below(8); i > 0; --i) {
      offers.push_back({.action = "a",
                        .value = 1000 * random.Uniform(),
                        .cost = 50 * random.Uniform(),
                        .is_explorable = random.Uniform() < 0.8,
                        .probability = random.Uniform()});
    }
    for (size_t choice = 0; choice <= offers.size(); ++choice) {
      const auto chosen = choice == offers.size() ? std::nullopt : std::optional(choice);
      const Score score = Judge(offers, chosen);
      EXPECT_GE(score.best, score.chosen);
      EXPECT_GE(score.best, score.random);
      EXPECT_GE(score.best, 0);
    }
  }
}

TEST(DemoScore, ShareIsZeroAtRandomAndOneAtBest) {
  const std::vector<Admissible> offers = {
      {.action = "good", .value = 100, .cost = 0, .probability = 0.5},
      {.action = "poor", .value = 100, .cost = 0, .probability = 0.1},
      {.action = "never explored", .value = 100, .is_explorable = false, .probability = 0.2}};
  EXPECT_EQ(*Judge(offers, 0).ShareOfPossible(), 1);
  EXPECT_EQ(Judge(offers, 0).random, 20);  // of the two explorable and nothing
  Score score = Judge(offers, 0);
  score.chosen = score.random;
  EXPECT_EQ(*score.ShareOfPossible(), 0);
  EXPECT_EQ(Score{}.ShareOfPossible(), std::nullopt);
}

TEST(DemoScore, RateIntervalIsWilsons) {
  const Interval interval = RateInterval({.seen = 100, .accepted = 20});
  EXPECT_NEAR(interval.low, 0.1334, 5e-4);
  EXPECT_NEAR(interval.high, 0.2888, 5e-4);
  EXPECT_EQ(RateInterval({}).high, 1);
  EXPECT_EQ(RateInterval({.seen = 10, .accepted = 0}).low, 0);
}

TEST(DemoScore, LiftIntervalHoldsNoLiftForEqualRates) {
  const auto interval = LiftInterval({.seen = 500, .accepted = 50}, {.seen = 100, .accepted = 10});
  ASSERT_TRUE(interval.has_value());
  EXPECT_LT(interval->low, 0);
  EXPECT_GT(interval->high, 0);
  EXPECT_FALSE(LiftInterval({.seen = 5, .accepted = 1}, {}).has_value());
}

TEST(DemoLatencies, QuantileIsWithinATwentieth) {
  Latencies latencies;
  EXPECT_EQ(latencies.Quantile(0.5), base::Duration{});
  for (int i = 1; i <= 1000; ++i) latencies.Add(base::Micros(i * 10));
  EXPECT_NEAR(static_cast<double>(latencies.Quantile(0.5).micros), 5000, 300);
  EXPECT_NEAR(static_cast<double>(latencies.Quantile(0.99).micros), 9900, 600);
}

TEST(DemoCompany, DaysOfItsRulesAreShort) {
  EXPECT_EQ(Quickened(base::Days(7), base::Minutes(1)), base::Minutes(7));
  EXPECT_EQ(Quickened(base::Minutes(30), base::Minutes(1)), base::Seconds(10));
  EXPECT_EQ(Quickened(base::Days(7), base::Days(1)), base::Days(7));
}

TEST(DemoCompany, SampleIsReadAndQuickened) {
  auto company = ReadCompany("samples/company");
  ASSERT_TRUE(company.ok()) << company.status().message();
  EXPECT_EQ(company->accept_events["credit-card-gold"], "Card Requested");
  Quicken(*company, base::Minutes(1));
  const std::string body = ApplyBody(*company);
  EXPECT_THAT(body, HasSubstr(R"("cap":{"scope":"person","max":3,"window":"7m"})"));
  EXPECT_THAT(body, HasSubstr(R"("ignoredAfter":"1m")"));
  EXPECT_THAT(body, Not(HasSubstr(R"("ignoredAfter":"24h")")));
}

TEST(DemoTruth, IsKeptAndChecked) {
  const std::string path = testing::TempDir() + "/truth.json";
  std::filesystem::remove(path);
  const TruthWish wish{.seed = 5, .people = 20, .now = base::Time{1'800'000'000'000'000}};
  const auto made = OpenTruth(path, wish);
  ASSERT_TRUE(made.ok()) << made.status().message();
  EXPECT_TRUE(made->is_new);
  const auto again = OpenTruth(path, {.seed = std::nullopt, .people = std::nullopt, .now = {}});
  ASSERT_TRUE(again.ok()) << again.status().message();
  EXPECT_FALSE(again->is_new);
  EXPECT_EQ(again->seed, 5);
  EXPECT_EQ(again->began, wish.now);
  EXPECT_EQ(OpenTruth(path, {.seed = 6, .people = 20, .now = {}}).status().code(),
            absl::StatusCode::kFailedPrecondition);
  std::ofstream(path, std::ios::app) << "x";
  EXPECT_EQ(OpenTruth(path, wish).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST(DemoEvent, IsJsonAsAnSdkSendsIt) {
  const Customer who = MakeCustomer(1, 0);
  Call call{.type = "track",
            .name = "Payment \"Made\"",
            .message_id = "m1",
            .at = base::Time{1'800'000'000'000'000},
            .user_id = who.user_id,
            .anonymous_id = "",
            .device_id = "d1"};
  call.amount = 12.5;
  const auto parsed = base::ParseJson(BatchJson({CallJson(call), CallJson(call)}));
  ASSERT_TRUE(parsed.ok());
  const auto& calls = base::Find(parsed->object(), "batch")->list();
  ASSERT_EQ(calls.values_size(), 2);
  const base::Fields& first = calls.values(0).object();
  EXPECT_EQ(base::Find(first, "event")->text(), "Payment \"Made\"");
  EXPECT_EQ(base::Find(first, "anonymousId"), nullptr);
  EXPECT_EQ(base::FindPath(first, "context.device.id")->text(), "d1");
  EXPECT_EQ(base::FindPath(first, "properties.revenue")->number(), 12.5);
  EXPECT_TRUE(base::ParseJson(TraitsJson(who)).ok());
}

TEST(DemoApi, ReadsADecisionWithItsExplanation) {
  const auto answer = ReadAnswer(R"({"id":"d1","holdout":{"name":"h","arm":"random"},"actions":[
      {"slot":0,"nothing":false,"probability":0.5,"action":"b","title":"B"},
      {"slot":1,"nothing":true,"probability":1}],
      "explanation":{"summary":"b, because","considered":[
        {"action":"a","result":"capped"},
        {"action":"b","result":"admissible","value":"10.50 MXN","cost":"0.50 MXN"},
        {"action":"c","result":"admissible","value":"1.00 MXN","explore":"never"}]}})");
  ASSERT_TRUE(answer.ok());
  EXPECT_TRUE(answer->is_random_arm);
  ASSERT_EQ(answer->offers.size(), 1);
  EXPECT_EQ(answer->offers[0].title, "B");
  ASSERT_EQ(answer->admissible.size(), 2);
  EXPECT_EQ(answer->admissible[0].value, 10.5);
  EXPECT_FALSE(answer->admissible[1].is_explorable);
  EXPECT_EQ(answer->chosen, std::optional<size_t>(0));
  EXPECT_FALSE(ReadAnswer("{}").ok());
}

TEST(DemoLedger, KeepsTheLastSpansApart) {
  Ledger ledger(base::Seconds(10));
  const Score one{.requests = 1, .chosen = 1, .random = 0, .best = 2};
  ledger.AddScore(one, base::Seconds(100));
  ledger.AddScore(one, base::Seconds(109));
  ledger.AddScore(one, base::Seconds(110));
  ledger.AddScore(one, base::Seconds(135));
  const Figures figures = ledger.Now();
  ASSERT_EQ(figures.recent.size(), 4);
  EXPECT_EQ(figures.recent[0].requests, 2);
  EXPECT_EQ(figures.recent[1].requests, 1);
  EXPECT_EQ(figures.recent[2].requests, 0);
  EXPECT_EQ(figures.score.requests, 4);
}

TEST(DemoView, WritesNumbersForPeople) {
  EXPECT_EQ(Grouped(0), "0");
  EXPECT_EQ(Grouped(1234567), "1,234,567");
  EXPECT_EQ(RateText({.seen = 100, .accepted = 20}), "20.0 % (13.3 to 28.9)");
  EXPECT_EQ(MillisText(base::Micros(2345)), "2.3 ms");
  EXPECT_EQ(Clipped("añoñ", 3), "año");
  const Score half{.requests = 1, .chosen = 5, .random = 0, .best = 10};
  EXPECT_EQ(Bars({Score{}, half}), "▁▅");
}

TEST(DemoView, ShowsFailuresAndNothingBeforeThereIsAny) {
  DemoScene scene;
  scene.url = "http://127.0.0.1:8480";
  EXPECT_THAT(Page(scene), HasSubstr("none yet"));
  EXPECT_THAT(Page(scene), Not(HasSubstr("failed")));
  scene.figures.errors = 2;
  scene.figures.last_error = "/v1/batch: 503";
  EXPECT_THAT(Page(scene), HasSubstr("2 requests failed; the last: /v1/batch: 503"));
  EXPECT_THAT(Line(scene), HasSubstr("FAILED 2"));
}

}  // namespace
}  // namespace batuta::server

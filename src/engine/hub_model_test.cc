// Adaptive models in a whole hub: read at decisions, taught by outcomes, published to all.
#include <gtest/gtest.h>

#include <numeric>
#include <string>

#include "base/text.h"
#include "base/value.h"
#include "decision/decision.pb.h"
#include "engine/hub_testing.h"
#include "learn/adaptive_score.h"
#include "learn/beta_model.h"

namespace batuta::engine {
namespace {

constexpr std::string_view kClicks =
    "---\n{kind: model, name: clicks, spec: {predictors: [{name: plan, value: "
    "person.traits.plan}, {name: visits, value: person.traits.visits}]}}\n";

class AdaptiveHub : public testing::Test {
 protected:
  explicit AdaptiveHub(TestHubOptions options = {}) : hub_(options) {
    hub_.Define(base::StrCat(kCardShop, kClicks));
  }

  void Identify(int number) {
    base::Fields traits;
    base::SetField(traits, "plan", base::TextValue(PlanOf(number)));
    base::SetField(traits, "visits", base::NumberValue(number % 7));
    hub_.Append({hub_.Event({.name = "",
                             .identifiers = {{"user_id", NameOf(number)}},
                             .type = profile::EventType::kIdentify,
                             .traits = traits})});
  }

  decision::Decision Ask(int number, bool dry_run = false) {
    decision::DecisionRequest request;
    request.set_dry_run(dry_run);
    return hub_.Decide(NameOf(number), request);
  }

  void Accept(const decision::Decision& decision) {
    hub_.Report(decision, decision::OutcomeKind::kAccepted);
  }

  // People come, are offered the card, and those with the plan gold nearly always take it.
  void Live(int from, int to) {
    for (int i = from; i < to; ++i) {
      Identify(i);
      const decision::Decision decision = Ask(i);
      ASSERT_FALSE(decision.chosen(0).nothing());
      if (PlanOf(i) == "gold" && i % 11 != 0) Accept(decision);
      hub_.Advance(base::Seconds(30));
    }
    hub_.Advance(base::Hours(2));
  }

  static double MeanFor(const decision::Decision& decision) {
    return decision.chosen(0).propensity();
  }
  static std::string PlanOf(int number) { return number % 3 == 0 ? "gold" : "free"; }
  static std::string NameOf(int number) { return base::StrCat("u", number); }
  Fold& Owner() {
    return hub_.FoldOf(base::PartitionId{
        static_cast<uint16_t>(learn::OwnerHash("card") % hub_.hub().partitions())});
  }
  const learn::AdaptiveState* State() {
    return Owner().state().models.Find(ModelKey::Of("clicks", "card", "home"));
  }

  TestHub hub_;
};

TEST_F(AdaptiveHub, LearnsWhoAccepts) {
  Live(0, 900);
  const double gold = MeanFor(Ask(3, /*dry_run=*/true));
  const double free = MeanFor(Ask(4, /*dry_run=*/true));
  EXPECT_GT(gold, 2 * free);
  const decision::Decision decision = Ask(3, /*dry_run=*/true);
  const decision::CandidateTrace& card = decision.trace().candidates(0);
  EXPECT_TRUE(card.has_score());
  EXPECT_GT(card.contributions(0), 500);
  EXPECT_EQ(decision.trace().predictors(0), "plan");
  // Every partition reads the same version, and all of them have it once.
  for (uint16_t p = 0; p < hub_.hub().partitions(); ++p) {
    const auto& adaptive = hub_.FoldOf(base::PartitionId{p}).models().adaptive();
    ASSERT_EQ(adaptive.size(), 1u);
    EXPECT_EQ(adaptive.begin()->second, Owner().models().adaptive().begin()->second);
  }
}

TEST_F(AdaptiveHub, CountsEveryExampleOnce) {
  Live(0, 60);
  ASSERT_NE(State(), nullptr);
  const learn::Cells& counts = State()->counts();
  const int64_t positives =
      std::accumulate(counts.positives().begin(), counts.positives().end(), int64_t{0});
  const int64_t negatives =
      std::accumulate(counts.negatives().begin(), counts.negatives().end(), int64_t{0});
  // All of one week weigh the same: 60 people, of whom 18 took it.
  const int64_t one = (positives + negatives) / 60;
  EXPECT_EQ(positives, 18 * one);
  EXPECT_EQ(negatives, 42 * one);
}

TEST_F(AdaptiveHub, IsTheSameAfterACrash) {
  Live(0, 60);
  const double gold = MeanFor(Ask(3, /*dry_run=*/true));
  const std::string before = hub_.StateHashes();
  hub_.Crash(7);
  EXPECT_EQ(hub_.StateHashes(), before);
  EXPECT_EQ(MeanFor(Ask(3, /*dry_run=*/true)), gold);
  Live(60, 90);
  EXPECT_GE(State()->taught(), 90u);
}

class CheckpointingHub : public AdaptiveHub {
 protected:
  CheckpointingHub() : AdaptiveHub({.checkpoint = {.records = 20, .age = base::Days(10'000)}}) {}
};

TEST_F(CheckpointingHub, KeepsWhatWasTaught) {
  Live(0, 60);
  const std::string state = State()->SerializeAsString();
  hub_.Crash(8);
  EXPECT_EQ(State()->SerializeAsString(), state);
}

TEST_F(AdaptiveHub, AnotherHalfLifeBeginsAnew) {
  Live(0, 30);
  hub_.Define(
      "{kind: model, name: clicks, spec: {halfLife: 30d, predictors: [{name: plan, value: "
      "person.traits.plan}]}}\n");
  Live(30, 31);
  EXPECT_EQ(State()->half_life(), base::Days(30).micros);
  EXPECT_LE(State()->taught(), 2u);
}

constexpr std::string_view kFtrlClicks =
    "{kind: model, name: clicks, spec: {type: ftrl, predictors: [{name: plan, value: "
    "person.traits.plan}, {name: visits, value: person.traits.visits}], crosses: [{predictor: "
    "plan, with: visits}]}}\n";

TEST_F(AdaptiveHub, AnFtrlModelLearnsWhoAccepts) {
  hub_.Define(kFtrlClicks);
  Live(0, 900);
  const double gold = MeanFor(Ask(3, /*dry_run=*/true));
  const double free = MeanFor(Ask(4, /*dry_run=*/true));
  EXPECT_GT(gold, 2 * free);
  const decision::Decision decision = Ask(3, /*dry_run=*/true);
  EXPECT_GT(decision.trace().candidates(0).contributions(0), 500);
  for (uint16_t p = 0; p < hub_.hub().partitions(); ++p) {
    const auto& models = hub_.FoldOf(base::PartitionId{p}).models().adaptive();
    ASSERT_EQ(models.size(), 1u);
    EXPECT_EQ(models.begin()->second->model().SerializeAsString(),
              Owner().models().adaptive().begin()->second->model().SerializeAsString());
  }
  const std::string before = hub_.StateHashes();
  hub_.Crash(7);
  EXPECT_EQ(hub_.StateHashes(), before);
  EXPECT_EQ(MeanFor(Ask(3, /*dry_run=*/true)), gold);
}

TEST_F(AdaptiveHub, AnotherTypeBeginsAnew) {
  Live(0, 30);
  EXPECT_FALSE(State()->has_linear());
  hub_.Define(kFtrlClicks);
  Live(30, 31);
  EXPECT_TRUE(State()->has_linear());
  EXPECT_LE(State()->taught(), 2u);
}

TEST_F(AdaptiveHub, AModelThatIsGoneLearnsNothing) {
  Identify(1);
  const decision::Decision decision = Ask(1);
  hub_.Define(
      "{kind: placement, name: home, spec: {channel: web, exposure: decision, ignoredAfter: 1h, "
      "choice: {method: greedy, floor: 0}}}\n",
      {{"model", "clicks"}});
  Accept(decision);
  hub_.Advance(base::Seconds(2));
  EXPECT_EQ(State(), nullptr);
  EXPECT_FALSE(Ask(1, /*dry_run=*/true).has_predictors());
}

}  // namespace
}  // namespace batuta::engine

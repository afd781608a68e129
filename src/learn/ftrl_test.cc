#include "learn/ftrl.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/random.h"
#include "base/text.h"
#include "learn/adaptive_publish.h"
#include "learn/adaptive_score.h"
#include "learn/models.h"
#include "learn/predictor_code.h"

namespace batuta::learn {
namespace {

constexpr base::Time kNow{base::Days(20'000).micros};
const std::vector<std::string> kDeclared = {"plan", "page", "age"};

AdaptiveState State() {
  AdaptiveState state;
  state.set_model("clicks");
  state.set_action("card");
  state.set_placement("home");
  state.set_half_life(base::Days(180).micros);
  return state;
}

FtrlSettings Settings() {
  return {.crosses = {{.key = PredictorKey("plan"), .cross_key = PredictorKey("page")}}};
}

struct Visit {
  std::string plan;
  std::string page;
  double age = 30;
  bool positive = false;
};

TrainingMessage MessageOf(const Visit& visit, uint64_t number) {
  TrainingMessage message;
  message.set_action("card");
  message.set_placement("home");
  message.set_level(ACCEPTED_LEVEL);
  message.set_positive(visit.positive);
  message.set_weight_micros(1'000'000);
  message.set_example_time(kNow.micros);
  message.set_decision(base::Id128{number, 1}.ToBytes());
  PredictorValues& values = *message.mutable_values();
  values.set_model("clicks");
  const uint64_t codes[] = {SymbolCode(visit.plan), SymbolCode(visit.page), NumberCode(visit.age)};
  for (size_t i = 0; i < kDeclared.size(); ++i) {
    values.add_keys(PredictorKey(kDeclared[i]));
    values.add_codes(codes[i]);
  }
  return message;
}

// Accepted mostly where plan and page go together, which neither of them says alone.
Visit RandomVisit(base::Random& random) {
  Visit visit{.plan = random.Below(2) == 0 ? "gold" : "free",
              .page = random.Below(2) == 0 ? "cart" : "home",
              .age = 18 + static_cast<double>(random.Below(60))};
  const bool go_together = (visit.plan == "gold") == (visit.page == "cart");
  visit.positive = random.Uniform() < (go_together ? 0.5 : 0.05);
  return visit;
}

AdaptiveState Taught(int visits, const FtrlSettings& settings) {
  base::Random random(5, base::Id128{}, "visits", "");
  AdaptiveState state = State();
  for (int i = 0; i < visits; ++i) {
    TrainFtrl(state, MessageOf(RandomVisit(random), static_cast<uint64_t>(i)), settings);
    if (i % 100 == 99) SettleFtrl(state, kDeclared, settings, kNow);
  }
  SettleFtrl(state, kDeclared, settings, kNow);
  return state;
}

double PropensityOf(const PublishedAdaptive& model, const Visit& visit) {
  return AdaptiveScorer(model).Score(MessageOf(visit, 1).values()).propensity;
}

// Algorithm 1 of the paper as it stands there, over names and with the C library.
class Naive {
 public:
  explicit Naive(const FtrlSettings& settings) : settings_(settings) {}
  void Learn(const std::vector<std::pair<std::string, double>>& features, bool positive) {
    double sum = 0;
    std::map<std::string, double> weights;
    for (const auto& [name, x] : features) {
      weights[name] = WeightOf(name);
      sum += weights[name] * x;
    }
    const double p = 1 / (1 + std::exp(-sum));
    for (const auto& [name, x] : features) {
      const double g = (p - (positive ? 1 : 0)) * x;
      const double sigma = (std::sqrt(n_[name] + g * g) - std::sqrt(n_[name])) / settings_.alpha;
      z_[name] += g - sigma * weights[name];
      n_[name] += g * g;
    }
  }
  double WeightOf(const std::string& name) {
    const double z = z_[name];
    if (std::abs(z) <= settings_.l1) return 0;
    const double sign = z < 0 ? -1 : 1;
    return -(z - sign * settings_.l1) /
           ((settings_.beta + std::sqrt(n_[name])) / settings_.alpha + settings_.l2);
  }

 private:
  FtrlSettings settings_;
  std::map<std::string, double> z_;
  std::map<std::string, double> n_;
};

TEST(Ftrl, LearnsAsThePaperSays) {
  for (const double l1 : {0.0, 0.7}) {
    FtrlSettings settings = Settings();
    settings.alpha = 0.1;
    settings.l1 = l1;
    AdaptiveState state = State();
    Naive naive(settings);
    base::Random random(3, base::Id128{}, "visits", "");
    for (uint64_t i = 0; i < 500; ++i) {
      Visit visit = RandomVisit(random);
      visit.age = 30;  // no slope: numbers do not differ
      TrainFtrl(state, MessageOf(visit, i), settings);
      naive.Learn({{"1", 1},
                   {visit.plan, 1},
                   {visit.page, 1},
                   {base::StrCat(visit.plan, "*", visit.page), 1}},
                  visit.positive);
    }
    const auto weight = [&](const FeatureName& name) {
      for (const LinearTerm& term : state.linear().terms()) {
        if (term.slot() == SlotOf(name)) return WeightOf(term, settings);
      }
      return std::nan("");
    };
    const uint32_t plan = PredictorKey("plan");
    const uint32_t page = PredictorKey("page");
    EXPECT_NEAR(weight({}), naive.WeightOf("1"), 1e-12);
    EXPECT_NEAR(weight({.key = plan, .code = SymbolCode("gold")}), naive.WeightOf("gold"), 1e-12);
    EXPECT_NEAR(weight({.key = page, .code = SymbolCode("home")}), naive.WeightOf("home"), 1e-12);
    EXPECT_NEAR(weight({.key = plan,
                        .code = SymbolCode("gold"),
                        .cross_key = page,
                        .cross_code = SymbolCode("cart")}),
                naive.WeightOf("gold*cart"), 1e-12);
  }
}

TEST(Ftrl, CrossesTellWhatNoPredictorTellsAlone) {
  const Visit good{.plan = "gold", .page = "cart"};
  const Visit bad{.plan = "gold", .page = "home"};
  const auto with = PublishFtrl(Taught(4'000, Settings()), kDeclared, Settings(), kNow);
  EXPECT_GT(PropensityOf(with, good), 0.4);
  EXPECT_LT(PropensityOf(with, bad), 0.15);
  const auto without = PublishFtrl(Taught(4'000, {}), kDeclared, {}, kNow);
  EXPECT_LT(PropensityOf(without, good), 0.35);
}

TEST(Ftrl, ContributionsAndTheirOffsetsAddUpToTheScore) {
  const auto model = PublishFtrl(Taught(2'000, Settings()), kDeclared, Settings(), kNow);
  const FtrlScorer scorer(model.linear());
  const LinearScore score = scorer.Score(MessageOf({.plan = "gold", .page = "cart"}, 1).values());
  double sum = 0;
  for (const PublishedTerm& term : model.linear().terms()) {
    if (term.key() == 0) sum += term.weight();
  }
  for (const PublishedOffset& offset : model.linear().offsets()) sum += offset.log_odds();
  for (const double contribution : score.contributions) sum += contribution;
  EXPECT_NEAR(sum, score.log_odds, 1e-12);
  EXPECT_GT(score.contributions[0], 0.3);
  EXPECT_LT(std::abs(score.contributions[2]), 0.3);
}

TEST(Ftrl, L1KeepsWeightsAtNothing) {
  FtrlSettings sparse = Settings();
  sparse.l1 = 20;
  const auto model = PublishFtrl(Taught(2'000, sparse), kDeclared, sparse, kNow);
  const auto full = PublishFtrl(Taught(2'000, Settings()), kDeclared, Settings(), kNow);
  EXPECT_LT(model.linear().terms_size(), full.linear().terms_size() / 2);
  EXPECT_GT(model.linear().terms_size(), 3);
}

TEST(Ftrl, TheSameExamplesGiveTheSameBytes) {
  EXPECT_EQ(Taught(700, Settings()).SerializeAsString(),
            Taught(700, Settings()).SerializeAsString());
}

TEST(Ftrl, SizeIsBoundedAndWhatMattersStays) {
  AdaptiveState state = State();
  base::Random random(9, base::Id128{}, "visits", "");
  for (uint64_t i = 0; i < 9'000; ++i) {
    Visit visit = RandomVisit(random);
    if (i % 2 == 0) visit.page = base::StrCat("page", i);
    TrainFtrl(state, MessageOf(visit, i), Settings());
    ASSERT_LE(state.linear().terms_size(), kTermsMax);
  }
  SettleFtrl(state, kDeclared, Settings(), kNow);
  const auto model = PublishFtrl(state, kDeclared, Settings(), kNow);
  EXPECT_GT(PropensityOf(model, {.plan = "gold", .page = "cart"}),
            2 * PropensityOf(model, {.plan = "gold", .page = "home"}));
}

TEST(Ftrl, ALabelThatChangesIsTaughtTheDifference) {
  const FtrlSettings settings = Settings();
  AdaptiveState changed = Taught(1'000, settings);
  AdaptiveState right = changed;
  TrainingMessage message = MessageOf({.plan = "gold", .page = "cart"}, 5'000);
  TrainFtrl(changed, message, settings);
  message.set_positive(true);
  TrainFtrl(right, message, settings);
  message.set_replaces(true);
  TrainFtrl(changed, message, settings);
  const Visit visit{.plan = "gold", .page = "cart"};
  EXPECT_NEAR(PropensityOf(PublishFtrl(changed, kDeclared, settings, kNow), visit),
              PropensityOf(PublishFtrl(right, kDeclared, settings, kNow), visit), 0.003);
  // What is counted is the same to the byte, but for the number of messages.
  EXPECT_EQ(changed.counts().SerializeAsString(), right.counts().SerializeAsString());
}

TEST(Ftrl, WhatIsTakenAwayIsNearlyForgotten) {
  const FtrlSettings settings = Settings();
  AdaptiveState state = Taught(1'000, settings);
  const Visit visit{.plan = "gold", .page = "cart", .positive = true};
  const double before = PropensityOf(PublishFtrl(state, kDeclared, settings, kNow), visit);
  TrainingMessage message = MessageOf(visit, 5'000);
  TrainFtrl(state, message, settings);
  const double taught = PropensityOf(PublishFtrl(state, kDeclared, settings, kNow), visit);
  message.set_forget(true);
  TrainFtrl(state, message, settings);
  const double after = PropensityOf(PublishFtrl(state, kDeclared, settings, kNow), visit);
  EXPECT_GT(taught, before);
  EXPECT_LT(std::abs(after - before), (taught - before) / 20);
}

TEST(Ftrl, WeightsStayAndLearnFasterAsTimeGoes) {
  const FtrlSettings settings = Settings();
  AdaptiveState old = Taught(4'000, settings);
  AdaptiveState fresh = old;
  const base::Time later = kNow + base::Days(360);
  SettleFtrl(old, kDeclared, settings, later);
  const Visit visit{.plan = "gold", .page = "cart"};
  const double now = PropensityOf(PublishFtrl(fresh, kDeclared, settings, kNow), visit);
  EXPECT_NEAR(PropensityOf(PublishFtrl(old, kDeclared, settings, later), visit), now, 0.08);
  for (uint64_t i = 0; i < 100; ++i) {
    TrainFtrl(old, MessageOf(visit, 10'000 + i), settings);
    TrainFtrl(fresh, MessageOf(visit, 10'000 + i), settings);
  }
  EXPECT_LT(PropensityOf(PublishFtrl(old, kDeclared, settings, later), visit),
            PropensityOf(PublishFtrl(fresh, kDeclared, settings, kNow), visit) - 0.02);
}

TEST(Ftrl, WhatIsNotDeclaredIsDropped) {
  AdaptiveState state = Taught(500, Settings());
  SettleFtrl(state, std::vector<std::string>{"plan", "age"}, Settings(), kNow);
  for (const LinearTerm& term : state.linear().terms()) {
    EXPECT_NE(term.key(), PredictorKey("page"));
    EXPECT_EQ(term.cross_key(), 0u);
  }
  AdaptiveState uncrossed = Taught(500, Settings());
  SettleFtrl(uncrossed, kDeclared, {}, kNow);
  for (const LinearTerm& term : uncrossed.linear().terms()) EXPECT_EQ(term.cross_key(), 0u);
}

TEST(Ftrl, NothingIsScoredBeforeAnythingWasTaught) {
  AdaptiveState state = State();
  state.mutable_linear();
  SettleFtrl(state, kDeclared, Settings(), kNow);
  EXPECT_FALSE(AdaptiveScorer(PublishFtrl(state, kDeclared, Settings(), kNow)).CanScore());
}

TEST(Ftrl, PredictsBeforeItLearnsAndIsCalibrated) {
  base::Random random(5, base::Id128{}, "visits", "");
  AdaptiveState state = State();
  Models models;
  for (uint64_t i = 0; i < 20'000; ++i) {
    const Visit visit = RandomVisit(random);
    TrainingMessage message = MessageOf(visit, i);
    const Opinion opinion = models.Judge("card", "home", message.values());
    message.set_predicted(opinion.belief.Mean());
    if (opinion.is_adaptive) message.set_score(opinion.score);
    TrainFtrl(state, message, Settings());
    if (!IsWorthPublishing(state)) continue;
    SettleFtrl(state, kDeclared, Settings(), kNow);
    state.set_published_at(state.taught());
    PublishedModels update;
    update.set_version(i);
    *update.add_adaptive() = PublishFtrl(state, kDeclared, Settings(), kNow);
    models = models.With(update);
  }
  const PublishedAdaptive& model = models.adaptive().begin()->second->model();
  EXPECT_EQ(model.maturity(), 1);
  EXPECT_GT(model.auc(), 0.75);
  EXPECT_LT(model.calibration_error(), 0.05);
}

}  // namespace
}  // namespace batuta::learn

#include "learn/adaptive_score.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/ids.h"
#include "base/random.h"
#include "base/shared_pool.h"
#include "base/text.h"
#include "learn/models.h"
#include "learn/predictor_code.h"

namespace batuta::learn {
namespace {

double RandomShare(base::Random& random) {
  return static_cast<double>(random.Below(4'000'001)) / 1e6 - 2;
}

// A model with so many predictors, of up to forty bins of each kind.
PublishedAdaptive RandomModel(base::Random& random, int predictors) {
  PublishedAdaptive model;
  model.set_model("clicks");
  model.set_action("card");
  model.set_placement("home");
  model.set_base_log_odds(RandomShare(random));
  model.set_mean(RandomShare(random));
  model.set_spread(0.5 + random.Uniform());
  model.set_maturity(1);
  for (int i = 0; i < predictors; ++i) {
    PublishedPredictor& predictor = *model.add_predictors();
    predictor.set_name(base::StrCat("p", i));
    predictor.set_key(PredictorKey(predictor.name()));
    predictor.set_activity(random.Below(4) == 0 ? TOO_WEAK : ACTIVE);
    int32_t from = -30;
    for (uint64_t bin = random.Below(41); bin > 0; --bin) {
      PublishedBin& number = *predictor.add_numbers();
      from += 1 + static_cast<int32_t>(random.Below(3));
      number.set_from(from);
      number.set_contribution(RandomShare(random));
    }
    for (uint64_t bin = random.Below(41); bin > 0; --bin) {
      PublishedBin& symbol = *predictor.add_symbols();
      symbol.add_symbols()->set_code(SymbolCode(base::StrCat("s", bin)));
      symbol.set_contribution(RandomShare(random));
    }
    predictor.mutable_remaining()->set_contribution(RandomShare(random));
    predictor.mutable_missing()->set_contribution(RandomShare(random));
  }
  return model;
}

uint64_t RandomCode(base::Random& random) {
  if (random.Below(8) == 0) return kMissingCode;
  if (random.Below(2) == 0) return SymbolCode(base::StrCat("s", 1 + random.Below(45)));
  return CodeOfOrder(static_cast<int32_t>(random.Below(160)) - 40);
}

// By the words of adaptive.proto alone.
double NaiveShare(const PublishedPredictor& predictor, uint64_t code) {
  if (predictor.activity() != ACTIVE) return 0;
  if (code == kMissingCode) return predictor.missing().contribution();
  if (IsNumber(code)) {
    double share = predictor.numbers().empty() ? 0 : predictor.numbers(0).contribution();
    for (const PublishedBin& bin : predictor.numbers()) {
      if (bin.from() <= OrderOf(code)) share = bin.contribution();
    }
    return share;
  }
  for (const PublishedBin& bin : predictor.symbols()) {
    if (bin.symbols(0).code() == code) return bin.contribution();
  }
  return predictor.remaining().contribution();
}

TEST(AdaptiveScore, IsTheSumOfWhatTheBinsSay) {
  for (uint64_t seed = 0; seed < 500; ++seed) {
    base::Random random(seed, base::Id128{}, "test", "score");
    const int predictors = 1 + static_cast<int>(random.Below(6));
    const PublishedAdaptive model = RandomModel(random, predictors);
    const AdaptiveScorer scorer(model);
    if (!scorer.CanScore()) continue;
    for (int i = 0; i < 40; ++i) {
      PredictorValues values;
      double sum = model.base_log_odds();
      int active = 0;
      std::vector<int32_t> thousandths;
      for (const PublishedPredictor& predictor : model.predictors()) {
        values.add_keys(predictor.key());
        values.add_codes(RandomCode(random));
        const double share = NaiveShare(predictor, values.codes(values.codes_size() - 1));
        const auto millionths = static_cast<double>(std::lround(share * 1e6));
        thousandths.push_back(static_cast<int32_t>(std::floor((millionths + 500) / 1000)));
        sum += share;
        active += predictor.activity() == ACTIVE ? 1 : 0;
      }
      const AdaptiveScore score = scorer.Score(values);
      ASSERT_EQ(score.thousandths, thousandths) << seed;
      EXPECT_NEAR(score.log_odds, sum / (1 + active), 1e-5);
      EXPECT_NEAR(score.standardised, (sum - model.mean()) / model.spread(), 1e-5);
    }
  }
}

TEST(AdaptiveScore, PartitionsShareTheScorersOfOneVersion) {
  base::Random random(1, base::Id128{}, "test", "score");
  PublishedModels update;
  update.set_version(1);
  *update.add_adaptive() = RandomModel(random, 3);
  Models::ScorerPool pool;
  const auto only = [](const Models& models) { return models.adaptive().begin()->second.get(); };
  const Models one = Models().With(update, &pool);
  const Models other = Models().With(update, &pool);
  EXPECT_EQ(only(one), only(other));
  EXPECT_NE(only(one), only(Models().With(update)));
  update.mutable_adaptive(0)->set_mean(9);
  EXPECT_NE(only(one), only(one.With(update, &pool))) << "another version";
}

}  // namespace
}  // namespace batuta::learn

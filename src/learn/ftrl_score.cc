#include "learn/ftrl_score.h"

#include <algorithm>

#include "base/math.h"

namespace batuta::learn {
namespace {

constexpr double kLogOddsMax = 35;

}  // namespace

double ProbabilityOf(double log_odds) {
  return 1 / (1 + base::Exp(-std::clamp(log_odds, -kLogOddsMax, kLogOddsMax)));
}

FtrlScorer::FtrlScorer(const PublishedLinear& model) {
  for (const PublishedTerm& term : model.terms()) weights_.emplace_back(term.slot(), term.weight());
  bounds_.reserve(static_cast<size_t>(model.scales_size()));
  for (const PublishedScale& scale : model.scales()) {
    bounds_.emplace_back(scale.bounds().begin(), scale.bounds().end());
    scales_.push_back({.key = scale.key(),
                       .mean = scale.mean(),
                       .spread = scale.spread(),
                       .bounds = bounds_.back()});
  }
  for (const PublishedCross& cross : model.crosses()) {
    crosses_.push_back({.key = cross.key(), .cross_key = cross.cross_key()});
  }
  for (const PublishedOffset& offset : model.offsets()) {
    offsets_.emplace_back(offset.key(), offset.log_odds());
  }
}

double FtrlScorer::WeightOf(uint32_t slot) const {
  const auto found = std::lower_bound(weights_.begin(), weights_.end(), slot,
                                      [](const auto& w, uint32_t at) { return w.first < at; });
  return found != weights_.end() && found->first == slot ? found->second : 0;
}

LinearScore FtrlScorer::Score(const PredictorValues& values) const {
  LinearScore score;
  score.contributions.resize(static_cast<size_t>(values.keys_size()));
  for (const Feature& feature : FeaturesOf(values, scales_, crosses_)) {
    const double share = WeightOf(feature.slot) * feature.value;
    score.log_odds += share;
    if (feature.place < 0) continue;
    const double own = feature.cross_place < 0 ? share : share / 2;
    score.contributions[static_cast<size_t>(feature.place)] += own;
    if (feature.cross_place >= 0) {
      score.contributions[static_cast<size_t>(feature.cross_place)] += own;
    }
  }
  for (int i = 0; i < values.keys_size(); ++i) {
    const auto offset = std::lower_bound(offsets_.begin(), offsets_.end(), values.keys(i),
                                         [](const auto& o, uint32_t at) { return o.first < at; });
    if (offset == offsets_.end() || offset->first != values.keys(i)) continue;
    score.contributions[static_cast<size_t>(i)] -= offset->second;
  }
  score.propensity = ProbabilityOf(score.log_odds);
  return score;
}

}  // namespace batuta::learn

#include "learn/adaptive_score.h"

#include <algorithm>

#include "base/math.h"
#include "base/status.h"
#include "learn/adaptive_model.h"
#include "learn/predictor_code.h"

namespace batuta::learn {

AdaptiveScorer::AdaptiveScorer(PublishedAdaptive model) : model_(std::move(model)) {
  if (model_.has_linear()) linear_.emplace(model_.linear());
  for (int i = 0; i < model_.predictors_size(); ++i) {
    const PublishedPredictor& predictor = model_.predictors(i);
    for (const PublishedBin& bin : predictor.symbols()) {
      for (const SymbolText& symbol : bin.symbols()) {
        if (!symbol.text().empty()) named_.push_back(symbol.code());
      }
    }
    if (predictor.activity() != ACTIVE) continue;
    Active& active = active_.emplace_back(Active{.place = i, .key = predictor.key()});
    for (const PublishedBin& bin : predictor.numbers()) {
      active.numbers.emplace_back(bin.from(), bin.contribution());
    }
    for (const PublishedBin& bin : predictor.symbols()) {
      for (const SymbolText& symbol : bin.symbols()) {
        active.symbols.emplace_back(symbol.code(), bin.contribution());
      }
    }
    std::sort(active.symbols.begin(), active.symbols.end());
    active.remaining = predictor.remaining().contribution();
    active.missing = predictor.missing().contribution();
  }
  std::sort(named_.begin(), named_.end());
  for (const ClassifierBin& bin : model_.classifier()) {
    calibration_.push_back({bin.centre(), base::Log(bin.propensity() / (1 - bin.propensity()))});
  }
}

bool AdaptiveScorer::NamesSymbol(uint64_t code) const {
  return std::binary_search(named_.begin(), named_.end(), code);
}

double AdaptiveScorer::ContributionOf(const Active& active, uint64_t code) {
  if (code == kMissingCode) return active.missing;
  if (IsNumber(code)) {
    if (active.numbers.empty()) return 0;
    const auto above =
        std::upper_bound(active.numbers.begin(), active.numbers.end(), OrderOf(code),
                         [](int32_t order, const auto& bin) { return order < bin.first; });
    return above == active.numbers.begin() ? above->second : (above - 1)->second;
  }
  const auto found = std::lower_bound(active.symbols.begin(), active.symbols.end(), code,
                                      [](const auto& s, uint64_t at) { return s.first < at; });
  const bool is_known = found != active.symbols.end() && found->first == code;
  return is_known ? found->second : active.remaining;
}

double AdaptiveScorer::PropensityAt(double standardised) const {
  if (calibration_.empty()) return 0.5;
  const double step = StepsOf(standardised);
  const auto above =
      std::upper_bound(calibration_.begin(), calibration_.end(), step,
                       [](double at, const Calibrated& point) { return at < point.step; });
  double log_odds = 0;
  if (above == calibration_.begin() || above == calibration_.end()) {
    const Calibrated& end = above == calibration_.begin() ? *above : *(above - 1);
    log_odds = end.log_odds + model_.spread() * StandardisedOf(step - end.step);
  } else {
    const Calibrated& low = *(above - 1);
    const double part = (step - low.step) / (above->step - low.step);
    log_odds = low.log_odds + part * (above->log_odds - low.log_odds);
  }
  return 1 / (1 + base::Exp(-log_odds));
}

AdaptiveScore AdaptiveScorer::Score(const PredictorValues& values) const {
  BATUTA_CHECK(CanScore());
  if (linear_.has_value()) {
    LinearScore linear = linear_->Score(values);
    return {.log_odds = linear.log_odds,
            .standardised = linear.log_odds,
            .propensity = linear.propensity,
            .contributions = std::move(linear.contributions)};
  }
  AdaptiveScore score;
  score.contributions.resize(static_cast<size_t>(values.keys_size()));
  double sum = model_.base_log_odds();
  for (const Active& active : active_) {
    // Nearly always values stand in the order of the model's predictors.
    int at = active.place;
    if (at >= values.keys_size() || values.keys(at) != active.key) {
      const auto found = std::find(values.keys().begin(), values.keys().end(), active.key);
      if (found == values.keys().end()) continue;
      at = static_cast<int>(found - values.keys().begin());
    }
    const double contribution = ContributionOf(active, values.codes(at));
    score.contributions[static_cast<size_t>(at)] = contribution;
    sum += contribution;
  }
  score.log_odds = sum / (1 + static_cast<double>(active_.size()));
  score.standardised = (sum - model_.mean()) / model_.spread();
  score.propensity = PropensityAt(score.standardised);
  return score;
}

}  // namespace batuta::learn

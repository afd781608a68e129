// A published adaptive model as decisions ask it: from the codes of a person's values to a score, a
// probability and what each predictor contributed.
//
// Made once per version, immutable, safe to share. One that is a logistic regression (ftrl.h) is
// asked in the same way, and its score is the log odds.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "learn/adaptive.pb.h"
#include "learn/ftrl_score.h"

namespace batuta::learn {

struct AdaptiveScore {
  double log_odds = 0;      // averaged: (base + contributions) / (1 + number of active predictors)
  double standardised = 0;  // see adaptive_publish.h
  double propensity = 0.5;
  std::vector<double> contributions = {};  // parallel to the values, 0 if not active
};

class AdaptiveScorer {
 public:
  explicit AdaptiveScorer(PublishedAdaptive model);

  const PublishedAdaptive& model() const { return model_; }
  // Whether any predictor is active; without one there is nothing to score by.
  bool CanScore() const { return linear_.has_value() ? linear_->CanScore() : !active_.empty(); }
  // A predictor that the values do not have contributes nothing. Requires: CanScore().
  AdaptiveScore Score(const PredictorValues& values) const;
  // Whether the version says what the symbol is called.
  bool NamesSymbol(uint64_t code) const;

 private:
  struct Active {
    int place = 0;  // in the model's predictors
    uint32_t key = 0;
    std::vector<std::pair<int32_t, double>> numbers = {};   // from → contribution
    std::vector<std::pair<uint64_t, double>> symbols = {};  // by code
    double remaining = 0;
    double missing = 0;
  };
  // A point of the curve from scores to probabilities.
  struct Calibrated {
    double step = 0;
    double log_odds = 0;
  };
  static double ContributionOf(const Active& active, uint64_t code);
  double PropensityAt(double standardised) const;

  PublishedAdaptive model_;
  std::optional<FtrlScorer> linear_;  // of a logistic regression
  std::vector<Active> active_;
  std::vector<Calibrated> calibration_;  // by step, ascending
  std::vector<uint64_t> named_;          // symbols, ascending
};

}  // namespace batuta::learn

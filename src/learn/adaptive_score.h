// A published adaptive model as decisions ask it: from the codes of a person's values to a score, a
// probability and what each predictor contributed.
//
// Made once per version, immutable, safe to share.
// One that is a logistic regression (ftrl.h) is asked in the same way, and its score is the log
// odds.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "learn/adaptive.pb.h"
#include "learn/ftrl_score.h"

namespace batuta::learn {

struct AdaptiveScore {
  double log_odds = 0;      // averaged: (base + contributions) / (1 + number of active predictors)
  double standardised = 0;  // see adaptive_publish.h
  double propensity = 0.5;
  // What each value contributed, parallel to the values: thousandths of log odds, 0 if not active.
  std::vector<int32_t> thousandths = {};
};

// To the nearest, halves up.
int32_t ThousandthsOf(double log_odds);

class AdaptiveScorer {
 public:
  explicit AdaptiveScorer(PublishedAdaptive model);

  const PublishedAdaptive& model() const { return model_; }
  // Whether any predictor is active; without one there is nothing to score by.
  bool CanScore() const { return linear_.has_value() ? linear_->CanScore() : active_ > 0; }
  double maturity() const { return maturity_; }
  // A predictor that the values do not have contributes nothing. Requires: CanScore().
  AdaptiveScore Score(const PredictorValues& values) const;
  // Whether the version says what the symbol is called.
  bool NamesSymbol(uint64_t code) const;

 private:
  // A point of the curve from scores to probabilities.
  struct Calibrated {
    double step = 0;
    double log_odds = 0;
  };
  void AddActive(int place, const PublishedPredictor& predictor);
  double PropensityAt(double standardised) const;

  // The active predictors, one after the other: a head (adaptive_score.cc), where bins of numbers
  // begin, what each contributes, half the codes of the symbols, what these contribute. A decision
  // walks through it for each of its candidates, so it is small and in one piece.
  std::vector<int32_t> tape_;
  int active_ = 0;
  double base_log_odds_ = 0;
  double mean_ = 0;
  double spread_ = 1;
  double maturity_ = 0;
  std::vector<Calibrated> calibration_;  // by step, ascending
  std::optional<FtrlScorer> linear_;     // of a logistic regression
  std::vector<uint64_t> named_;          // symbols, ascending
  PublishedAdaptive model_;
};

}  // namespace batuta::learn

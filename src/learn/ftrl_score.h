// A published logistic regression as decisions ask it.
//
// Made once per version, immutable, safe to share.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "learn/adaptive.pb.h"
#include "learn/ftrl_features.h"

namespace batuta::learn {

struct LinearScore {
  double log_odds = 0;
  double propensity = 0.5;
  // Of each value to the log odds, above what its predictor contributes on average; a cross counts
  // half for each of its two. Parallel to the values.
  std::vector<double> contributions = {};
};

// 1 / (1 + exp(-log odds)), with log odds of at most 35 either way.
double ProbabilityOf(double log_odds);

class FtrlScorer {
 public:
  explicit FtrlScorer(const PublishedLinear& model);
  FtrlScorer(const FtrlScorer&) = delete;
  FtrlScorer& operator=(const FtrlScorer&) = delete;
  // Without a weight there is nothing to score by.
  bool CanScore() const { return !weights_.empty(); }
  LinearScore Score(const PredictorValues& values) const;

 private:
  double WeightOf(uint32_t slot) const;

  std::vector<std::pair<uint32_t, double>> weights_;  // by slot
  std::vector<std::vector<int32_t>> bounds_;          // what scales_ show
  std::vector<NumberScale> scales_;
  std::vector<Cross> crosses_;
  std::vector<std::pair<uint32_t, double>> offsets_;  // by key
};

}  // namespace batuta::learn

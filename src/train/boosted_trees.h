// Gradient-boosted trees, trained by XGBoost (libxgboost 1.7; Chen & Guestrin, "XGBoost: a scalable
// tree boosting system", 2016) on examples with a yes or no. What comes of it is the library's JSON
// model, which learn/forest.h serves.
//
// The same examples, settings and library give the same bytes: one thread, a seed, and no clock.
// Examples are held in memory, 4 bytes a value. Not for use while the hub decides; takes about a
// second for ten million values and a hundred rounds. No threads of its own beyond the call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "learn/forest.h"

namespace batuta::train {

// Rows of numbers, one column for each feature. NaN is a missing one.
struct Examples {
  std::vector<std::string> features = {};
  std::vector<float> values = {};  // row by row
  std::vector<float> labels = {};  // by row: 1 yes, 0 no

  size_t rows() const { return labels.size(); }
  absl::Span<const float> Row(size_t row) const {
    return absl::MakeConstSpan(values).subspan(row * features.size(), features.size());
  }
  void Add(absl::Span<const float> row, bool label);
};

struct BoostingSettings {
  uint32_t rounds = 200;  // trees
  uint32_t depth = 4;     // of each
  double learning_rate = 0.05;
  double least_weight = 10;  // of a leaf, in the loss's second derivatives
  double row_share = 0.8;    // of the rows that a tree sees
  double feature_share = 1;  // of the features that a tree sees
  uint32_t seed = 1;
};

// InvalidArgument if there are no examples of either answer, or a setting is out of its range.
absl::StatusOr<std::string> TrainTrees(const Examples& examples, const BoostingSettings& settings);

// The largest distance between the log odds that the library gives for these rows and those that
// our own traversal of the same model gives; 0 is what it should be.
absl::StatusOr<double> DistanceFromLibrary(const std::string& model, const learn::Forest& forest,
                                           const Examples& rows);

// The area under the ROC curve of what the trees say of these rows, or of scores of rows with these
// labels; 0.5 if all have one label.
double AucOf(const learn::Forest& forest, const Examples& rows);
double AucOf(const std::vector<float>& scores, const std::vector<float>& labels);

}  // namespace batuta::train

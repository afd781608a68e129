// Gradient-boosted trees that another program made: XGBoost's JSON model, read and asked.
//
// Read: booster "gbtree" with objective "binary:logistic", one output, numeric splits (the format
// of XGBoost's documentation, "Introduction to model IO", versions 1.0 to 3). What else there may
// be in such a file (other boosters and objectives, categorical splits, several outputs) is refused
// with the reason, and so is a file of which any array is short, any child or feature does not
// exist, or any node is reached twice.
//
// Asked as the library asks: features are float32; one below the split's condition goes left,
// others right, a missing one (NaN) where the split says. Leaves are added up in float32, tree by
// tree, on the margin of base_score; the probability is the logistic function of that.
//
// What a feature contributed is what the mean over the training data (by cover) of the nodes on the
// path changes at its splits (Saabas, "Interpreting random forests", 2014; the library's
// approximate contributions). With the mean of all they add up to the margin.
//
// Immutable, safe to share. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace batuta::learn {

class Forest {
 public:
  // InvalidArgument with what is wrong and where in the file.
  static absl::StatusOr<Forest> FromXgboost(std::string_view json);

  // What the file calls its features; empty if it names none.
  const std::vector<std::string>& features() const { return features_; }
  size_t feature_count() const { return feature_count_; }
  size_t tree_count() const { return roots_.size(); }

  // Log odds. Requires, here and below: as many values as features; NaN for a missing one.
  float Margin(absl::Span<const float> values) const;
  float Probability(absl::Span<const float> values) const;
  // By feature, log odds.
  std::vector<double> Contributions(absl::Span<const float> values) const;
  double mean() const { return mean_; }  // log odds over the training data

 private:
  friend class ForestReader;
  struct Node {
    int32_t left = -1;  // of all nodes; -1: a leaf
    int32_t right = -1;
    uint32_t feature = 0;
    float condition = 0;  // of a leaf: its log odds
    bool missing_left = false;
    double mean = 0;  // of the leaves below, by cover
  };
  Forest() = default;
  int32_t Step(const Node& node, absl::Span<const float> values) const;

  std::vector<std::string> features_;
  size_t feature_count_ = 0;
  float base_margin_ = 0;
  double mean_ = 0;
  std::vector<int32_t> roots_;
  std::vector<Node> nodes_;
};

}  // namespace batuta::learn

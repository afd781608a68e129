#include "learn/forest.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/numbers.h"
#include "base/json.h"
#include "base/math.h"
#include "base/status.h"
#include "base/text.h"
#include "base/value.h"

namespace batuta::learn {
namespace {

constexpr size_t kTreesMax = 10'000;
constexpr size_t kNodesMax = 1'000'000;
constexpr size_t kFeaturesMax = 1'000;

absl::Status Wrong(std::string_view what) {
  return absl::InvalidArgumentError(
      base::StrCat("not a model of XGBoost's JSON format that can be served: ", what));
}

// One array of numbers of a tree.
struct Numbers {
  std::vector<double> values;
  bool is_right = false;
};

}  // namespace

// Reads a file, and keeps what is wrong with it first.
class ForestReader {
 public:
  absl::StatusOr<Forest> Read(std::string_view json) {
    const auto parsed = base::ParseJson(json);
    if (!parsed.ok()) return Wrong(base::StdView(parsed.status().message()));
    if (!parsed->has_object()) return Wrong("it is no object");
    const base::Fields* learner = Object(parsed->object(), "learner", "learner");
    if (learner == nullptr) return Wrong(problem_);
    if (!ReadLearner(*learner)) return Wrong(problem_);
    return std::move(forest_);
  }

 private:
  bool Fail(std::string problem) {
    if (problem_.empty()) problem_ = std::move(problem);
    return false;
  }

  const base::Fields* Object(const base::Fields& in, std::string_view name,
                             std::string_view place) {
    const base::Value* value = base::Find(in, name);
    if (value != nullptr && value->has_object()) return &value->object();
    Fail(base::StrCat(place, " is missing, or is no object"));
    return nullptr;
  }

  // Parameters are texts in the file.
  static std::string Text(const base::Fields& in, std::string_view name) {
    const base::Value* value = base::Find(in, name);
    return value != nullptr && value->has_text() ? value->text() : "";
  }

  bool Count(const base::Fields& in, std::string_view name, size_t max, size_t& count) {
    const std::string text = Text(in, name);
    uint64_t number = 0;
    if (!absl::SimpleAtoi(text, &number) || number == 0 || number > max) {
      return Fail(base::StrCat(name, " must be from 1 to ", max, ", but is \"", text, "\""));
    }
    count = static_cast<size_t>(number);
    return true;
  }

  bool ReadLearner(const base::Fields& learner) {
    const base::Fields* objective = Object(learner, "objective", "learner.objective");
    const base::Fields* param =
        Object(learner, "learner_model_param", "learner.learner_model_param");
    const base::Fields* booster = Object(learner, "gradient_booster", "learner.gradient_booster");
    if (objective == nullptr || param == nullptr || booster == nullptr) return false;
    if (const std::string name = Text(*objective, "name"); name != "binary:logistic") {
      return Fail(base::StrCat("its objective is \"", name, "\"; binary:logistic is served"));
    }
    if (const std::string name = Text(*booster, "name"); name != "gbtree") {
      return Fail(base::StrCat("its booster is \"", name, "\"; gbtree is served"));
    }
    const std::string targets = Text(*param, "num_target");
    if (!targets.empty() && targets != "1") return Fail("it has several outputs");
    if (!Count(*param, "num_feature", kFeaturesMax, forest_.feature_count_)) return false;
    if (!ReadBaseScore(Text(*param, "base_score"))) return false;
    if (!ReadFeatures(learner)) return false;
    const base::Fields* model = Object(*booster, "model", "learner.gradient_booster.model");
    return model != nullptr && ReadTrees(*model);
  }

  // A probability; in a list of one since version 3.1.
  bool ReadBaseScore(std::string_view text) {
    std::string_view number = text;
    if (!number.empty() && number.front() == '[') number.remove_prefix(1);
    if (!number.empty() && number.back() == ']') number.remove_suffix(1);
    float score = 0;
    if (!absl::SimpleAtof(absl::string_view(number.data(), number.size()), &score) ||
        !(score > 0 && score < 1)) {
      return Fail(base::StrCat("base_score must be between 0 and 1, but is \"", text, "\""));
    }
    forest_.base_margin_ = static_cast<float>(-base::Log(double{1.0F / score - 1.0F}));
    return true;
  }

  bool ReadFeatures(const base::Fields& learner) {
    const base::Value* names = base::Find(learner, "feature_names");
    if (names == nullptr || !names->has_list()) return true;
    for (const base::Value& name : names->list().values()) {
      if (!name.has_text()) return Fail("a feature's name is no text");
      forest_.features_.push_back(name.text());
    }
    const size_t named = forest_.features_.size();
    if (named == 0 || named == forest_.feature_count_) return true;
    return Fail(base::StrCat("it has ", forest_.feature_count_, " features and names ", named));
  }

  bool ReadTrees(const base::Fields& model) {
    const base::Value* trees = base::Find(model, "trees");
    if (trees == nullptr || !trees->has_list()) return Fail("trees are missing");
    const auto& list = trees->list().values();
    if (list.empty() || static_cast<size_t>(list.size()) > kTreesMax) {
      return Fail(
          base::StrCat("it must have from 1 to ", kTreesMax, " trees, but has ", list.size()));
    }
    double mean = double{forest_.base_margin_};
    for (int i = 0; i < list.size(); ++i) {
      place_ = base::StrCat("tree ", i);
      if (!list[i].has_object()) return Fail(base::StrCat(place_, " is no object"));
      const auto root = static_cast<int32_t>(forest_.nodes_.size());
      if (!ReadTree(list[i].object(), root)) return false;
      forest_.roots_.push_back(root);
      mean += forest_.nodes_[static_cast<size_t>(root)].mean;
    }
    forest_.mean_ = mean;
    return true;
  }

  bool Array(const base::Fields& tree, std::string_view name, size_t count, Numbers& numbers) {
    const base::Value* value = base::Find(tree, name);
    if (value == nullptr || !value->has_list() ||
        static_cast<size_t>(value->list().values_size()) != count) {
      return Fail(base::StrCat(place_, ": ", name, " must have ", count, " numbers"));
    }
    for (const base::Value& one : value->list().values()) {
      // Older versions write true and false for default_left.
      if (!one.has_number() && !one.has_boolean()) {
        return Fail(base::StrCat(place_, ": ", name, " must have numbers alone"));
      }
      numbers.values.push_back(one.has_number() ? one.number() : one.boolean() ? 1 : 0);
    }
    return true;
  }

  bool ReadTree(const base::Fields& tree, int32_t root) {
    const base::Fields* param = Object(tree, "tree_param", base::StrCat(place_, ": tree_param"));
    size_t count = 0;
    if (param == nullptr || !Count(*param, "num_nodes", kNodesMax, count)) return false;
    if (forest_.nodes_.size() + count > kNodesMax) {
      return Fail(base::StrCat("it has more than ", kNodesMax, " nodes"));
    }
    Numbers left, right, feature, condition, missing, cover, kind;
    if (!Array(tree, "left_children", count, left) ||
        !Array(tree, "right_children", count, right) ||
        !Array(tree, "split_indices", count, feature) ||
        !Array(tree, "split_conditions", count, condition) ||
        !Array(tree, "default_left", count, missing) || !Array(tree, "sum_hessian", count, cover)) {
      return false;
    }
    if (base::Find(tree, "split_type") != nullptr && !Array(tree, "split_type", count, kind)) {
      return false;
    }
    if (std::any_of(kind.values.begin(), kind.values.end(), [](double k) { return k != 0; })) {
      return Fail(base::StrCat(place_, ": it splits by categories; numbers are served"));
    }
    std::vector<bool> is_reached(count);
    is_reached[0] = true;
    const auto child = [&](double number, int32_t& at) {
      if (!(number >= 1 && number < static_cast<double>(count)) || number != std::floor(number)) {
        return Fail(base::StrCat(place_, ": there is no node ", number));
      }
      const auto place = static_cast<size_t>(number);
      if (is_reached[place]) return Fail(base::StrCat(place_, ": two ways lead to node ", number));
      is_reached[place] = true;
      at = root + static_cast<int32_t>(place);
      return true;
    };
    for (size_t i = 0; i < count; ++i) {
      Forest::Node& node = forest_.nodes_.emplace_back();
      node.condition = static_cast<float>(condition.values[i]);
      if (!std::isfinite(node.condition)) {
        return Fail(base::StrCat(place_, ": split_conditions must be finite"));
      }
      if (left.values[i] == -1) continue;
      const double index = feature.values[i];
      if (!(index >= 0 && index < static_cast<double>(forest_.feature_count_)) ||
          index != std::floor(index)) {
        return Fail(base::StrCat(place_, ": there is no feature ", index));
      }
      node.feature = static_cast<uint32_t>(index);
      node.missing_left = missing.values[i] != 0;
      if (!child(left.values[i], node.left) || !child(right.values[i], node.right)) return false;
    }
    SetMeans(root, cover.values);
    return true;
  }

  // From the leaves up. A node that is not reached from the root (the library keeps those it has
  // pruned) has no part in it. Every other one is reached once.
  void SetMeans(int32_t root, const std::vector<double>& cover) {
    std::vector<int32_t> order = {root};
    for (size_t i = 0; i < order.size(); ++i) {
      const Forest::Node& node = forest_.nodes_[static_cast<size_t>(order[i])];
      if (node.left < 0) continue;
      order.push_back(node.left);
      order.push_back(node.right);
    }
    std::reverse(order.begin(), order.end());
    for (const int32_t at : order) {
      Forest::Node& node = forest_.nodes_[static_cast<size_t>(at)];
      if (node.left < 0) {
        node.mean = double{node.condition};
        continue;
      }
      const double left = cover[static_cast<size_t>(node.left - root)];
      const double right = cover[static_cast<size_t>(node.right - root)];
      const double part = left + right > 0 ? left / (left + right) : 0.5;
      node.mean = part * forest_.nodes_[static_cast<size_t>(node.left)].mean +
                  (1 - part) * forest_.nodes_[static_cast<size_t>(node.right)].mean;
    }
  }

  Forest forest_;
  std::string problem_;
  std::string place_;
};

absl::StatusOr<Forest> Forest::FromXgboost(std::string_view json) {
  return ForestReader().Read(json);
}

int32_t Forest::Step(const Node& node, absl::Span<const float> values) const {
  const float value = values[node.feature];
  if (std::isnan(value)) return node.missing_left ? node.left : node.right;
  return value < node.condition ? node.left : node.right;
}

float Forest::Margin(absl::Span<const float> values) const {
  BATUTA_CHECK(values.size() == feature_count_);
  float margin = base_margin_;
  for (const int32_t root : roots_) {
    const Node* node = &nodes_[static_cast<size_t>(root)];
    while (node->left >= 0) node = &nodes_[static_cast<size_t>(Step(*node, values))];
    margin += node->condition;
  }
  return margin;
}

float Forest::Probability(absl::Span<const float> values) const {
  return 1.0F / (1.0F + static_cast<float>(base::Exp(-double{Margin(values)})));
}

std::vector<double> Forest::Contributions(absl::Span<const float> values) const {
  BATUTA_CHECK(values.size() == feature_count_);
  std::vector<double> contributions(feature_count_);
  for (const int32_t root : roots_) {
    const Node* node = &nodes_[static_cast<size_t>(root)];
    while (node->left >= 0) {
      const Node* next = &nodes_[static_cast<size_t>(Step(*node, values))];
      contributions[node->feature] += next->mean - node->mean;
      node = next;
    }
  }
  return contributions;
}

}  // namespace batuta::learn

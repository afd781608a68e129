#include "train/boosted_trees.h"

#include <xgboost/c_api.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <utility>

#include "base/status.h"
#include "base/text.h"
#include "learn/bin_statistics.h"

namespace batuta::train {
namespace {

struct FreeMatrix {
  void operator()(void* matrix) const { XGDMatrixFree(matrix); }
};
using Matrix = std::unique_ptr<void, FreeMatrix>;
struct FreeBooster {
  void operator()(void* booster) const { XGBoosterFree(booster); }
};
using Booster = std::unique_ptr<void, FreeBooster>;

absl::Status StatusOf(int result) {
  if (result == 0) return absl::OkStatus();
  return absl::InternalError(base::StrCat("XGBoost: ", XGBGetLastError()));
}

absl::Status Check(const Examples& examples) {
  const size_t features = examples.features.size();
  if (features == 0)
    return absl::InvalidArgumentError("there is nothing to learn from: no features");
  BATUTA_CHECK(examples.values.size() == features * examples.rows());
  const auto yes = std::count(examples.labels.begin(), examples.labels.end(), 1.0F);
  const auto all = static_cast<ptrdiff_t>(examples.rows());
  if (yes > 0 && yes < all) return absl::OkStatus();
  return absl::InvalidArgumentError(
      base::StrCat("there is nothing to learn from: ", yes, " of ", all, " examples are positive"));
}

absl::Status Check(const BoostingSettings& settings) {
  const auto is_share = [](double share) { return share > 0 && share <= 1; };
  if (settings.rounds < 1 || settings.rounds > 5000) {
    return absl::InvalidArgumentError("rounds: from 1 to 5000");
  }
  if (settings.depth < 1 || settings.depth > 12) {
    return absl::InvalidArgumentError("depth: from 1 to 12");
  }
  if (!is_share(settings.learning_rate)) {
    return absl::InvalidArgumentError("learning rate: above 0, at most 1");
  }
  if (!is_share(settings.row_share) || !is_share(settings.feature_share)) {
    return absl::InvalidArgumentError("shares of rows and features: above 0, at most 1");
  }
  if (!(settings.least_weight >= 0)) {
    return absl::InvalidArgumentError("the least weight of a leaf: 0 or more");
  }
  return absl::OkStatus();
}

std::vector<const char*> NamesOf(const Examples& examples) {
  std::vector<const char*> names;
  for (const std::string& name : examples.features) names.push_back(name.c_str());
  return names;
}

absl::StatusOr<Matrix> MatrixOf(const Examples& examples) {
  void* made = nullptr;
  BATUTA_RETURN_IF_ERROR(StatusOf(XGDMatrixCreateFromMat_omp(
      examples.values.data(), examples.rows(), examples.features.size(), NAN, &made, 1)));
  Matrix matrix(made);
  BATUTA_RETURN_IF_ERROR(StatusOf(
      XGDMatrixSetFloatInfo(made, "label", examples.labels.data(), examples.labels.size())));
  std::vector<const char*> names = NamesOf(examples);
  BATUTA_RETURN_IF_ERROR(
      StatusOf(XGDMatrixSetStrFeatureInfo(made, "feature_name", names.data(), names.size())));
  return matrix;
}

absl::StatusOr<Booster> BoosterOn(absl::Span<void* const> matrices) {
  void* made = nullptr;
  BATUTA_RETURN_IF_ERROR(StatusOf(XGBoosterCreate(matrices.data(), matrices.size(), &made)));
  return Booster(made);
}

absl::Status Set(const Booster& booster, const char* name, const std::string& value) {
  return StatusOf(XGBoosterSetParam(booster.get(), name, value.c_str()));
}

}  // namespace

void Examples::Add(absl::Span<const float> row, bool label) {
  BATUTA_CHECK(row.size() == features.size());
  values.insert(values.end(), row.begin(), row.end());
  labels.push_back(label ? 1.0F : 0.0F);
}

absl::StatusOr<std::string> TrainTrees(const Examples& examples, const BoostingSettings& settings) {
  BATUTA_RETURN_IF_ERROR(Check(settings));
  BATUTA_RETURN_IF_ERROR(Check(examples));
  BATUTA_ASSIGN_OR_RETURN(const Matrix matrix, MatrixOf(examples));
  BATUTA_ASSIGN_OR_RETURN(const Booster booster, BoosterOn({matrix.get()}));
  const std::pair<const char*, std::string> parameters[] = {
      {"booster", "gbtree"},
      {"objective", "binary:logistic"},
      {"tree_method", "hist"},
      {"nthread", "1"},
      {"base_score", "0.5"},
      {"seed", base::StrCat(settings.seed)},
      {"max_depth", base::StrCat(settings.depth)},
      {"eta", base::StrCat(settings.learning_rate)},
      {"min_child_weight", base::StrCat(settings.least_weight)},
      {"subsample", base::StrCat(settings.row_share)},
      {"colsample_bytree", base::StrCat(settings.feature_share)}};
  for (const auto& [name, value] : parameters) {
    BATUTA_RETURN_IF_ERROR(Set(booster, name, value));
  }
  for (uint32_t round = 0; round < settings.rounds; ++round) {
    BATUTA_RETURN_IF_ERROR(
        StatusOf(XGBoosterUpdateOneIter(booster.get(), static_cast<int>(round), matrix.get())));
  }
  std::vector<const char*> names = NamesOf(examples);
  BATUTA_RETURN_IF_ERROR(StatusOf(
      XGBoosterSetStrFeatureInfo(booster.get(), "feature_name", names.data(), names.size())));
  bst_ulong length = 0;
  const char* bytes = nullptr;
  BATUTA_RETURN_IF_ERROR(StatusOf(
      XGBoosterSaveModelToBuffer(booster.get(), R"({"format": "json"})", &length, &bytes)));
  return std::string(bytes, length);
}

absl::StatusOr<double> DistanceFromLibrary(const std::string& model, const learn::Forest& forest,
                                           const Examples& rows) {
  if (rows.rows() == 0) return 0.0;
  BATUTA_ASSIGN_OR_RETURN(const Matrix matrix, MatrixOf(rows));
  BATUTA_ASSIGN_OR_RETURN(const Booster booster, BoosterOn({}));
  BATUTA_RETURN_IF_ERROR(
      StatusOf(XGBoosterLoadModelFromBuffer(booster.get(), model.data(), model.size())));
  BATUTA_RETURN_IF_ERROR(Set(booster, "nthread", "1"));
  constexpr const char* kMargins =
      R"({"type": 1, "training": false, "iteration_begin": 0, "iteration_end": 0,
          "strict_shape": false})";
  const bst_ulong* shape = nullptr;
  bst_ulong dimensions = 0;
  const float* margins = nullptr;
  BATUTA_RETURN_IF_ERROR(StatusOf(XGBoosterPredictFromDMatrix(booster.get(), matrix.get(), kMargins,
                                                              &shape, &dimensions, &margins)));
  double largest = 0;
  for (size_t i = 0; i < rows.rows(); ++i) {
    const double distance = std::fabs(double{margins[i]} - double{forest.Margin(rows.Row(i))});
    largest = std::isnan(distance) ? INFINITY : std::max(largest, distance);
  }
  return largest;
}

double AucOf(const learn::Forest& forest, const Examples& rows) {
  std::vector<float> scores(rows.rows());
  for (size_t i = 0; i < scores.size(); ++i) scores[i] = forest.Margin(rows.Row(i));
  return AucOf(scores, rows.labels);
}

double AucOf(const std::vector<float>& scores, const std::vector<float>& labels) {
  BATUTA_CHECK(scores.size() == labels.size());
  std::map<float, learn::Bin> bins;
  for (size_t i = 0; i < scores.size(); ++i) {
    learn::Bin& bin = bins[scores[i]];
    (labels[i] > 0 ? bin.positives : bin.negatives) += 1;
  }
  std::vector<learn::Bin> ranked;
  for (const auto& [score, bin] : bins) ranked.push_back(bin);
  return learn::RankedAuc(ranked);
}

}  // namespace batuta::train

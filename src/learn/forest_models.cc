#include "learn/forest_models.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "learn/predictor_code.h"

namespace batuta::learn {
namespace {

constexpr double kLeastProbability = 1e-6;  // of either answer: a belief is never certain

absl::StatusOr<std::vector<size_t>> PlacesOf(const Forest& forest,
                                             absl::Span<const std::string> predictors) {
  std::vector<size_t> places;
  if (forest.feature_count() != predictors.size()) {
    return absl::InvalidArgumentError(base::StrCat("it reads ", forest.feature_count(),
                                                   " features, and there are ", predictors.size(),
                                                   " predictors"));
  }
  for (size_t i = 0; i < forest.feature_count(); ++i) {
    if (forest.features().empty()) {
      places.push_back(i);
      continue;
    }
    const std::string& name = forest.features()[i];
    const auto found = std::find(predictors.begin(), predictors.end(), name);
    if (found == predictors.end()) {
      const std::string near =
          base::Suggest(name, std::vector<std::string>(predictors.begin(), predictors.end()));
      return absl::InvalidArgumentError(
          base::StrCat("it reads a feature \"", name, "\", and there is no predictor of this name",
                       near.empty() ? "" : base::StrCat("; did you mean ", near, "?")));
    }
    places.push_back(static_cast<size_t>(found - predictors.begin()));
  }
  return places;
}

}  // namespace

absl::Status Forests::Add(const std::string& action, std::string_view xgboost,
                          absl::Span<const std::string> predictors) {
  absl::StatusOr<Forest> forest = Forest::FromXgboost(xgboost);
  if (!forest.ok()) return forest.status();
  absl::StatusOr<std::vector<size_t>> places = PlacesOf(*forest, predictors);
  if (!places.ok()) return places.status();
  std::vector<uint32_t> keys;
  for (const std::string& name : predictors) keys.push_back(PredictorKey(name));
  by_action_.insert_or_assign(action,
                              Served{*std::move(forest), *std::move(places), std::move(keys)});
  return absl::OkStatus();
}

bool Forests::Served::Reads(const PredictorValues& values) const {
  return values.numbers_size() == values.keys_size() &&
         std::equal(keys.begin(), keys.end(), values.keys().begin(), values.keys().end());
}

const Forests::Served* Forests::Find(std::string_view action) const {
  auto found = by_action_.find(action);
  if (found == by_action_.end()) found = by_action_.find(std::string_view());
  return found == by_action_.end() ? nullptr : &found->second;
}

Opinion ForestModels::Judge(std::string_view action, std::string_view placement,
                            const PredictorValues& values) const {
  const Forests::Served* served = forests_ == nullptr ? nullptr : forests_->Find(action);
  if (served == nullptr || !served->Reads(values)) {
    return models_.Judge(action, placement, values);
  }
  // What was learned of the model is for reports.
  Opinion opinion = models_.Judge(action, placement, {});
  std::vector<float> features;
  features.reserve(served->places.size());
  for (const size_t place : served->places) {
    features.push_back(values.numbers(static_cast<int>(place)));
  }
  const double probability = std::clamp(double{served->forest.Probability(features)},
                                        kLeastProbability, 1 - kLeastProbability);
  opinion.belief = Mix(opinion.belief, probability, 1);
  opinion.is_adaptive = true;
  opinion.score = double{served->forest.Margin(features)};
  opinion.maturity = 1;
  std::vector<double> contributions(static_cast<size_t>(values.keys_size()));
  const std::vector<double> of_features = served->forest.Contributions(features);
  for (size_t i = 0; i < of_features.size(); ++i) {
    contributions[served->places[i]] += of_features[i];
  }
  opinion.thousandths.clear();
  for (const double one : contributions) opinion.thousandths.push_back(ThousandthsOf(one));
  return opinion;
}

}  // namespace batuta::learn

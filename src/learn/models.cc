#include "learn/models.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "learn/adaptive_publish.h"
#include "learn/quantiles.h"

namespace batuta::learn {

Models::Models()
    : cold_start_(std::make_shared<const std::vector<double>>(
          QuantileTable(Belief().alpha, Belief().beta))) {}

Models Models::With(const PublishedModels& update) const {
  Models next = *this;
  if (update.full()) {
    next.models_.clear();
    next.adaptive_.clear();
  }
  next.examples_.clear();
  next.version_ = update.version();
  next.published_at_ = update.published_at();
  for (const std::string& action : update.actions()) next.models_.erase(action);
  for (const PublishedModel& model : update.models()) {
    // Only acceptance is scored; models of other levels are for reports.
    if (model.level() != ACCEPTED_LEVEL) continue;
    next.models_[model.action()][model.placement()] = std::make_shared<const PublishedModel>(model);
  }
  for (const auto& [action, placements] : next.models_) {
    for (const auto& [placement, model] : placements) {
      if (!placement.empty()) next.examples_[placement] += model->examples();
    }
  }
  for (const PublishedAdaptive& model : update.adaptive()) {
    next.adaptive_[{model.model(), model.action(), model.placement()}] =
        std::make_shared<const AdaptiveScorer>(model);
  }
  return next;
}

Models Models::WithTables(const std::function<bool(std::string_view placement)>& draws_from) const {
  Models next = *this;
  for (auto& [action, placements] : next.models_) {
    for (auto& [placement, model] : placements) {
      if (!model->quantiles().empty() || !draws_from(placement)) continue;
      PublishedModel with_table = *model;
      const auto table = QuantileTable(model->alpha(), model->beta());
      with_table.mutable_quantiles()->Add(table.begin(), table.end());
      model = std::make_shared<const PublishedModel>(std::move(with_table));
    }
  }
  return next;
}

Belief Models::Find(std::string_view action, std::string_view placement) const {
  const Belief cold_start{.quantiles = *cold_start_};
  const auto placements = models_.find(action);
  if (placements == models_.end()) return cold_start;
  auto found = placements->second.find(placement);
  if (found == placements->second.end()) found = placements->second.find(std::string_view());
  if (found == placements->second.end()) return cold_start;
  const PublishedModel& model = *found->second;
  return {.alpha = model.alpha(), .beta = model.beta(), .quantiles = model.quantiles()};
}

Belief Mix(const Belief& beta, double propensity, double maturity) {
  const double mean = maturity * propensity + (1 - maturity) * beta.Mean();
  const double evidence = beta.alpha + beta.beta;
  return {.alpha = mean * evidence, .beta = (1 - mean) * evidence};
}

Opinion Models::Judge(std::string_view action, std::string_view placement,
                      const PredictorValues& values) const {
  Opinion opinion{.belief = Find(action, placement)};
  const auto found =
      adaptive_.find(std::tuple(std::string_view(values.model()), action, placement));
  if (found == adaptive_.end() || !found->second->CanScore()) return opinion;
  AdaptiveScore score = found->second->Score(values);
  opinion.is_adaptive = true;
  opinion.score = score.standardised;
  opinion.maturity =
      std::min(1.0, found->second->model().maturity() * kMaturePositives / kTrustedPositives);
  opinion.contributions = std::move(score.contributions);
  if (opinion.maturity > 0) {
    opinion.belief = Mix(opinion.belief, score.propensity, opinion.maturity);
  }
  return opinion;
}

bool Models::NamesSymbol(std::string_view model, uint64_t code) const {
  const auto first =
      adaptive_.lower_bound(std::tuple(model, std::string_view(), std::string_view()));
  for (auto at = first; at != adaptive_.end() && std::get<0>(at->first) == model; ++at) {
    if (at->second->NamesSymbol(code)) return true;
  }
  return false;
}

uint64_t Models::PlacementExamples(std::string_view placement) const {
  const auto found = examples_.find(placement);
  return found == examples_.end() ? 0 : found->second;
}

PublishedModels Models::All() const {
  PublishedModels all;
  all.set_version(version_);
  all.set_published_at(published_at_);
  all.set_full(true);
  for (const auto& [action, placements] : models_) {
    all.add_actions(action);
    for (const auto& [placement, model] : placements) *all.add_models() = *model;
  }
  for (const auto& [key, scorer] : adaptive_) *all.add_adaptive() = scorer->model();
  return all;
}

}  // namespace batuta::learn

#include "learn/models.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "learn/adaptive_publish.h"

namespace batuta::learn {

Models Models::With(const PublishedModels& update) const {
  Models next = *this;
  if (update.full()) {
    next.models_.clear();
    next.natural_.clear();
    next.adaptive_.clear();
  }
  next.examples_.clear();
  next.version_ = update.version();
  next.published_at_ = update.published_at();
  for (const std::string& action : update.actions()) {
    next.models_.erase(action);
    next.natural_.erase(action);
  }
  for (const PublishedModel& model : update.models()) {
    ByAction& models = model.level() == NATURAL_LEVEL ? next.natural_ : next.models_;
    models[model.action()][model.placement()] = std::make_shared<const PublishedModel>(model);
  }
  for (const auto& [action, placements] : next.models_) {
    for (const auto& [placement, model] : placements) {
      if (!placement.empty()) next.examples_[placement] += model->examples();
    }
  }
  for (const PublishedAdaptive& model : update.adaptive()) {
    next.adaptive_[{model.model(), model.action(), model.placement(), model.natural()}] =
        std::make_shared<const AdaptiveScorer>(model);
  }
  return next;
}

const PublishedModel* Models::Find(const ByAction& models, std::string_view action,
                                   std::string_view placement) {
  const auto placements = models.find(action);
  if (placements == models.end()) return nullptr;
  auto found = placements->second.find(placement);
  if (found == placements->second.end()) found = placements->second.find(std::string_view());
  return found == placements->second.end() ? nullptr : found->second.get();
}

Belief Models::Find(std::string_view action, std::string_view placement) const {
  const PublishedModel* model = Find(models_, action, placement);
  if (model == nullptr) return {};
  return {.alpha = model->alpha(), .beta = model->beta()};
}

const PublishedModel* Models::FindNatural(std::string_view action,
                                          std::string_view placement) const {
  return Find(natural_, action, placement);
}

Belief Mix(const Belief& beta, double propensity, double maturity) {
  const double mean = maturity * propensity + (1 - maturity) * beta.Mean();
  const double evidence = beta.alpha + beta.beta;
  return {.alpha = mean * evidence, .beta = (1 - mean) * evidence};
}

Opinion Models::Judge(std::string_view action, std::string_view placement,
                      const PredictorValues& values) const {
  Opinion opinion{.belief = Find(action, placement)};
  std::optional<Scored> scored = Score(action, placement, /*natural=*/false, values);
  if (!scored) return opinion;
  opinion.is_adaptive = true;
  opinion.score = scored->score.standardised;
  opinion.maturity = scored->weight;
  opinion.contributions = std::move(scored->score.contributions);
  if (opinion.maturity > 0) {
    opinion.belief = Mix(opinion.belief, scored->score.propensity, opinion.maturity);
  }
  return opinion;
}

std::optional<Models::Scored> Models::Score(std::string_view action, std::string_view placement,
                                            bool natural, const PredictorValues& values) const {
  const std::string_view instance = values.shared() ? std::string_view() : action;
  const auto found =
      adaptive_.find(std::tuple(std::string_view(values.model()), instance, placement, natural));
  if (found == adaptive_.end() || !found->second->CanScore()) return std::nullopt;
  const AdaptiveScorer& scorer = *found->second;
  return Scored{
      .score = scorer.Score(values),
      .weight = std::min(1.0, scorer.model().maturity() * kMaturePositives / kTrustedPositives)};
}

NaturalRate Models::Natural(std::string_view action, std::string_view placement,
                            const PredictorValues& values, double propensity) const {
  const PublishedModel* model = FindNatural(action, placement);
  if (model == nullptr) return {};
  const double overall = model->alpha() / (model->alpha() + model->beta());
  NaturalRate rate{.mean = std::min(1.0, propensity * overall / Find(action, placement).Mean())};
  const std::optional<Scored> scored = Score(action, placement, /*natural=*/true, values);
  if (!scored) return rate;
  rate.score = scored->score.standardised;
  rate.mean = scored->weight * scored->score.propensity + (1 - scored->weight) * rate.mean;
  return rate;
}

LearnedWorth Models::Worth(std::string_view action) const {
  const PublishedModel* model = Find(models_, action, "");
  if (model == nullptr) return {};
  return {.valued = model->valued(), .total = model->worth()};
}

bool Models::NamesSymbol(std::string_view model, uint64_t code) const {
  const auto first =
      adaptive_.lower_bound(std::tuple(model, std::string_view(), std::string_view(), false));
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
  for (const auto& [action, placements] : natural_) {
    if (!models_.contains(action)) all.add_actions(action);
    for (const auto& [placement, model] : placements) *all.add_models() = *model;
  }
  for (const auto& [key, scorer] : adaptive_) *all.add_adaptive() = scorer->model();
  return all;
}

}  // namespace batuta::learn

#include "learn/models.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/hash.h"
#include "learn/adaptive_publish.h"

namespace batuta::learn {
namespace {

std::shared_ptr<const AdaptiveScorer> ScorerOf(const PublishedAdaptive& model,
                                               Models::ScorerPool* pool) {
  const auto make = [&model] { return std::make_shared<const AdaptiveScorer>(model); };
  if (pool == nullptr) return make();
  return pool->Get(base::Hash128(model.SerializeAsString()).ToBytes(), make);
}

}  // namespace

Models Models::With(const PublishedModels& update, ScorerPool* pool) const {
  Models next = *this;
  if (update.full()) {
    next.models_.clear();
    next.natural_.clear();
    next.adaptive_.clear();
  }
  next.together_.clear();
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
      if (placement.empty()) continue;
      Together& together = next.together_[placement];
      together.examples += model->examples();
      together.rate.alpha += model->alpha();
      together.rate.beta += model->beta();
    }
  }
  for (const PublishedAdaptive& model : update.adaptive()) {
    next.adaptive_[{model.model(), model.action(), model.placement(), model.natural()}] =
        ScorerOf(model, pool);
  }
  next.IndexAll();
  return next;
}

void Models::IndexAll() {
  seats_.clear();
  for (const auto& [action, placements] : models_) {
    for (const auto& [placement, model] : placements) {
      seats_[KeyOf(action, placement, "", false)].rate =
          Belief{.alpha = model->alpha(), .beta = model->beta()};
    }
  }
  for (const auto& [action, placements] : natural_) {
    for (const auto& [placement, model] : placements) {
      seats_[KeyOf(action, placement, "", false)].natural = model.get();
    }
  }
  for (const auto& [key, scorer] : adaptive_) {
    const auto& [model, action, placement, natural] = key;
    seats_[KeyOf(action, placement, model, natural)].scorer = scorer.get();
  }
}

base::Id128 Models::KeyOf(std::string_view action, std::string_view placement,
                          std::string_view model, bool natural) {
  return base::Hash128(action, base::Hash64(placement, base::Hash64(model, natural ? 1 : 0)));
}

const Models::Seat* Models::FindSeat(const base::Id128& key) const {
  const auto found = seats_.find(key);
  return found == seats_.end() ? nullptr : &found->second;
}

const PublishedModel* Models::FindNatural(std::string_view action,
                                          std::string_view placement) const {
  const Seat* seat = FindRates(action, placement);
  if (seat != nullptr && seat->natural != nullptr) return seat->natural;
  seat = FindRates(action, "");
  return seat == nullptr ? nullptr : seat->natural;
}

Belief Models::Find(std::string_view action, std::string_view placement) const {
  const Seat* seat = FindRates(action, placement);
  if (seat == nullptr || !seat->rate.has_value()) seat = FindRates(action, "");
  return seat == nullptr ? Belief() : seat->rate.value_or(Belief());
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
  opinion.thousandths = std::move(scored->score.thousandths);
  if (opinion.maturity > 0) {
    opinion.belief = Mix(opinion.belief, scored->score.propensity, opinion.maturity);
  }
  return opinion;
}

std::optional<Models::Scored> Models::Score(std::string_view action, std::string_view placement,
                                            bool natural, const PredictorValues& values) const {
  const std::string_view instance = values.shared() ? std::string_view() : action;
  const Seat* seat = FindSeat(KeyOf(instance, placement, values.model(), natural));
  if (seat == nullptr || seat->scorer == nullptr || !seat->scorer->CanScore()) return std::nullopt;
  return Scored{
      .score = seat->scorer->Score(values),
      .weight = std::min(1.0, seat->scorer->maturity() * kMaturePositives / kTrustedPositives)};
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
  const auto placements = models_.find(action);
  if (placements == models_.end()) return {};
  const auto all = placements->second.find(std::string_view());
  if (all == placements->second.end()) return {};
  return {.valued = all->second->valued(), .total = all->second->worth()};
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
  const auto found = together_.find(placement);
  return found == together_.end() ? 0 : found->second.examples;
}

Belief Models::PlacementRate(std::string_view placement) const {
  const auto found = together_.find(placement);
  return found == together_.end() ? Together().rate : found->second.rate;
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

// Models: taught at their owner partition, published to all, read by every decision.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "engine/fold.h"
#include "learn/adaptive_model.h"
#include "learn/adaptive_publish.h"
#include "learn/beta_model.h"
#include "learn/ftrl.h"

namespace batuta::engine {
namespace {

// Changed models are published within this time.
constexpr base::Duration kPublishWithin = base::Millis(500);

}  // namespace

void Fold::OnTraining(const learn::TrainingMessage& training) {
  if (!settings_.learns || !KeepLesson(training)) return;
  Learn(training);
}

void Fold::Learn(const learn::TrainingMessage& training) {
  if (!training.values().shared()) TeachRates(training);
  if (training.has_values()) TeachAdaptive(training);
  if (!state_.self.models_changed()) {
    state_.self.set_models_changed(true);
    state_.timers.Set({.due = log_time() + kPublishWithin, .kind = TimerKind::kPublishModels});
  }
}

// The rates of the action, whatever the person.
void Fold::TeachRates(const learn::TrainingMessage& training) {
  auto model = state_.GetRow<learn::ModelState>(RowKind::kModel, training.action());
  if (!model.has_value()) {
    model.emplace();
    model->set_action(training.action());
  }
  learn::Train(*model, training, learn::ModelSettings{});
  state_.PutRow(RowKind::kModel, training.action(), *model);
  state_.rows.Put(PartitionState::KeyOf(RowKind::kModelChanged, training.action()), "");
}

// A model that is not declared any more learns nothing. Another half-life begins anew, since counts
// are weighed as they come, and so does another type.
void Fold::TeachAdaptive(const learn::TrainingMessage& training) {
  const std::string& name = training.values().model();
  const decision::Model* model = definitions_->catalogue->FindModel(name);
  if (model == nullptr || !model->ReadsPeople()) return;
  // Only what else it was worth has changed.
  if (training.replaces() && training.was_positive() == training.positive()) return;
  const bool is_natural = training.level() == learn::NATURAL_LEVEL;
  const std::string instance(learn::InstanceOf(training));
  const ModelKey key = ModelKey::Of(name, instance, training.placement(), is_natural);
  learn::AdaptiveState& state = state_.models.Mutable(key);
  const bool is_ftrl = model->type == decision::ModelType::kFtrl;
  if (state.model().empty() || state.half_life() != model->half_life.micros ||
      state.has_linear() != is_ftrl) {
    DropExamples(state, state.kept());
    state.Clear();
    state.set_model(name);
    state.set_action(instance);
    state.set_placement(training.placement());
    state.set_natural(is_natural);
    state.set_half_life(model->half_life.micros);
  }
  if (is_ftrl) {
    learn::TrainFtrl(state, training, model->ftrl);
  } else {
    learn::TrainAdaptive(state, training);
  }
  const bool is_for_trees =
      model->type == decision::ModelType::kTrees && !is_natural && !training.values().shared();
  if (is_for_trees) KeepExample(training, model->examples, state);
  state_.rows.Put(PartitionState::KeyOf(RowKind::kAdaptiveChanged, key.bytes), "");
}

// Those that learned enough since their last version.
void Fold::PublishAdaptive(learn::PublishedModels& published) {
  for (const std::string& key : state_.KeysOf(RowKind::kAdaptiveChanged)) {
    const learn::AdaptiveState* found = state_.models.Find({key});
    BATUTA_CHECK(found != nullptr);
    const decision::Model* model = definitions_->catalogue->FindModel(found->model());
    const bool is_ftrl = found->has_linear();
    const bool is_declared = model != nullptr && model->ReadsPeople() &&
                             is_ftrl == (model->type == decision::ModelType::kFtrl);
    if (is_declared && !learn::IsWorthPublishing(*found)) continue;
    state_.EraseRow(RowKind::kAdaptiveChanged, key);
    if (!is_declared) continue;
    learn::AdaptiveState& state = state_.models.Mutable({key});
    const std::vector<std::string> names = model->Names();
    state.set_published_at(state.taught());
    if (is_ftrl) {
      learn::SettleFtrl(state, names, model->ftrl, log_time());
      *published.add_adaptive() = learn::PublishFtrl(state, names, model->ftrl, log_time());
    } else {
      learn::Settle(state, names, log_time());
      *published.add_adaptive() = learn::PublishAdaptive(state, names, log_time());
    }
  }
}

void Fold::PublishModels() {
  if (!settings_.learns) return;
  LetLessonsGo();
  learn::PublishedModels published;
  published.set_version(static_cast<uint64_t>(log_time().micros));
  published.set_published_at(log_time().micros);
  for (std::string& action : state_.KeysOf(RowKind::kModelChanged)) {
    published.add_actions(std::move(action));
  }
  for (const std::string& action : published.actions()) {
    state_.EraseRow(RowKind::kModelChanged, action);
    auto model = state_.GetRow<learn::ModelState>(RowKind::kModel, action);
    BATUTA_CHECK(model.has_value());
    learn::Forget(*model, learn::ModelSettings{}, log_time());
    state_.PutRow(RowKind::kModel, action, *model);
    for (learn::PublishedModel& one : learn::Publish(*model, {.now = log_time()})) {
      *published.add_models() = std::move(one);
    }
  }
  PublishAdaptive(published);
  state_.self.set_models_changed(false);
  if (published.actions().empty() && published.adaptive().empty()) return;
  for (uint16_t partition = 0; partition < settings_.partitions; ++partition) {
    Message message;
    *message.mutable_models() = published;
    Send(base::PartitionId{partition}, std::move(message));
  }
}

// Kept by action, so that a checkpoint writes only what changed.
void Fold::OnModels(const learn::PublishedModels& published) {
  for (const std::string& action : published.actions()) {
    learn::PublishedModels one;
    one.set_version(published.version());
    one.set_published_at(published.published_at());
    one.add_actions(action);
    for (const learn::PublishedModel& model : published.models()) {
      if (model.action() == action) *one.add_models() = model;
    }
    state_.PutRow(RowKind::kPublished, action, one);
  }
  for (const learn::PublishedAdaptive& model : published.adaptive()) {
    learn::PublishedModels one;
    one.set_version(published.version());
    one.set_published_at(published.published_at());
    *one.add_adaptive() = model;
    state_.PutRow(
        RowKind::kAdaptive,
        ModelKey::Of(model.model(), model.action(), model.placement(), model.natural()).bytes, one);
  }
  // Owners number their versions apart; what is shown never goes back, also not after a restart.
  learn::PublishedModels update = published;
  update.set_version(std::max(models_.version(), published.version()));
  models_ = models_.With(update, ScorerPool());
}

learn::Models::ScorerPool* Fold::ScorerPool() const {
  return settings_.shared == nullptr ? nullptr : &settings_.shared->scorers;
}

void Fold::LoadModels() {
  std::vector<learn::PublishedModels> stored;
  for (const RowKind kind : {RowKind::kPublished, RowKind::kAdaptive}) {
    for (auto& [key, row] : state_.RowsOf<learn::PublishedModels>(kind)) {
      stored.push_back(std::move(row));
    }
  }
  std::stable_sort(stored.begin(), stored.end(),
                   [](const auto& a, const auto& b) { return a.version() < b.version(); });
  learn::PublishedModels all;
  for (const learn::PublishedModels& one : stored) {
    all.set_version(one.version());
    all.set_published_at(one.published_at());
    all.mutable_actions()->MergeFrom(one.actions());
    all.mutable_models()->MergeFrom(one.models());
    all.mutable_adaptive()->MergeFrom(one.adaptive());
  }
  if (!stored.empty()) models_ = models_.With(all, ScorerPool());
}

}  // namespace batuta::engine

// Examples of models of trees: kept as they were at the owner of the action's models, the latest of
// each model at each placement, for whoever trains on all of them at once (train/boosted_trees.h).
#include <algorithm>
#include <string>
#include <vector>

#include "base/hash.h"
#include "base/status.h"
#include "engine/example_rows.h"
#include "engine/fold.h"

namespace batuta::engine {

// An outcome that comes after "ignored" replaces its label. What has been let go does not return.
void Fold::KeepExample(const learn::TrainingMessage& training, uint64_t most,
                       learn::AdaptiveState& state) {
  const std::string key = KeyOfExample(training);
  const bool is_kept = state_.rows.Get(key).has_value();
  if (training.forget()) {
    if (!is_kept) return;
    state_.rows.Erase(key);
    return state.set_kept(state.kept() - 1);
  }
  const learn::PredictorValues& values = training.values();
  const bool was_let_go = training.replaces() && !is_kept;
  if (was_let_go || values.numbers_size() == 0) return;
  ExampleRow row;
  row.set_shape(ShapeOf({values.keys().data(), static_cast<size_t>(values.keys_size())}));
  *row.mutable_numbers() = values.numbers();
  row.set_positive(training.positive());
  row.set_predicted(static_cast<float>(training.predicted()));
  row.set_probability(training.probability());
  state_.rows.Put(key, row.SerializeAsString());
  if (is_kept) return;
  const bool is_oldest = state.kept() == 0 || training.example_time() < state.kept_from();
  if (is_oldest) state.set_kept_from(training.example_time());
  state.set_kept(state.kept() + 1);
  if (state.kept() > most) DropExamples(state, state.kept() - most);
}

// The oldest ones. Looks from the oldest on: before it there are many erased rows.
void Fold::DropExamples(learn::AdaptiveState& state, uint64_t count) {
  if (count == 0) return;
  const std::string all =
      ExamplesOf(ModelKey::Of(state.model(), state.action(), state.placement()));
  std::vector<std::string> oldest;
  state_.rows.Scan(FromTime(all, base::Time{state.kept_from()}), "",
                   [&](std::string_view key, std::string_view) {
                     if (!key.starts_with(all)) return false;
                     oldest.emplace_back(key);
                     return oldest.size() <= count;  // and the one behind them
                   });
  const bool is_all = count == state.kept();
  BATUTA_CHECK(oldest.size() == count + (is_all ? 0 : 1), "fewer examples than are counted");
  for (uint64_t i = 0; i < count; ++i) state_.rows.Erase(oldest[i]);
  state.set_kept(state.kept() - count);
  state.set_kept_from(is_all ? 0 : TimeOfExample(oldest.back()).micros);
}

}  // namespace batuta::engine

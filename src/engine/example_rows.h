// The rows of examples that models of trees are trained on: their keys, and reading them in order.
//
// A row's key has the model, the action and the placement (ModelKey), when the choice was shown,
// and which choice it was. Pure functions.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "base/time.h"
#include "engine/row.pb.h"
#include "engine/state.h"
#include "learn/model.pb.h"

namespace batuta::engine {

// Requires: the message has values.
std::string KeyOfExample(const learn::TrainingMessage& training);

// What the keys of all examples of a model at a placement for an action begin with.
std::string ExamplesOf(const ModelKey& model);
// Of those, the first that was shown at `time` or later.
std::string FromTime(const std::string& examples, base::Time time);
base::Time TimeOfExample(std::string_view key);

// Tells apart which predictors an example has, and in which order.
uint32_t ShapeOf(std::span<const uint32_t> predictor_keys);

struct KeptExample {
  std::string_view action;
  std::string_view placement;
  base::Time shown;
  const ExampleRow& row;
};
// Visits examples of the model, by action, placement and time, from behind the row `after` on ("":
// from the first), until `visit` is false. Returns the row of the last one visited, "" if there was
// none: from there it goes on.
std::string VisitExamples(PartitionState& state, std::string_view model, const std::string& after,
                          absl::FunctionRef<bool(const KeptExample&)> visit);

}  // namespace batuta::engine

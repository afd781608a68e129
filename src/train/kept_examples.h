// Examples as the hub hands them out (GET /v1/models/{name}/examples), and models trained on them
// that were tried before they serve.
//
// A trial goes by time, as the model will be used: trained on the earlier examples, asked about the
// later ones, and set beside what the hub itself had predicted of those. The model that is given
// out has then learned from all of them. Pure but for the library (train/boosted_trees.h).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "train/boosted_trees.h"

namespace batuta::train {

// Of one action, in the order of time.
struct KeptExamples {
  Examples examples = {};
  std::vector<float> predicted = {};  // by the hub, when the choice was made
};

// By action. InvalidArgument, with the line, if the text is not what the hub hands out.
absl::StatusOr<std::map<std::string, KeptExamples>> ReadExamples(std::string_view csv);

struct TrialSettings {
  BoostingSettings boosting = {};
  uint32_t held_out_percent = 20;  // the latest; from 5 to 50
  uint64_t least = 500;            // examples in all
};

struct Trial {
  size_t examples = 0;
  size_t positives = 0;
  size_t held_out = 0;
  double auc = 0.5;         // of the held-out ones
  double auc_before = 0.5;  // of what the hub had predicted of them
  std::string model = {};   // the library's JSON; empty if none could be trained
  std::string why_not = {};
};
// InvalidArgument for settings out of their ranges; Internal if the library fails, or if what we
// serve of the model is not what the library says.
absl::StatusOr<Trial> Try(const KeptExamples& kept, const TrialSettings& settings);

}  // namespace batuta::train

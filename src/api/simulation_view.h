// A simulation's comparison as JSON. Internal to this folder.
#pragma once

#include <string>

#include "base/time.h"
#include "base/value.pb.h"
#include "decision/explain_words.h"
#include "resource/set.h"
#include "whatif/tally.h"

namespace batuta::api {

// What was compared with what.
struct SimulationFrame {
  base::Time from;
  base::Time to;
  std::string segment;
  decision::Language language = decision::Language::kEnglish;  // of texts
};

// {decisions, changed, people, affected, …}: the headline.
base::Value SimulationSummary(const whatif::Comparison& compared);
// All of it. `resources`: for titles of actions.
std::string SimulationJson(const SimulationFrame& frame, const whatif::Comparison& compared,
                           const resource::ResourceSet& resources);

}  // namespace batuta::api

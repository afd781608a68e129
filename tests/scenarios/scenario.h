// Plays the scenarios of a file on a hub: see README.md for what they may say.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/value.pb.h"
#include "decision/decision.pb.h"
#include "engine/hub_testing.h"
#include "resource/document.h"

namespace batuta::scenarios {

struct ScenarioFile {
  std::string resources;  // as YAML
  std::vector<resource::Document> scenarios;
};

// Ends the process if the file is not right.
ScenarioFile ReadScenarios(const std::string& path);

// One scenario being played.
class Scenario {
 public:
  explicit Scenario(const std::string& resources);
  // Does what the step says, and holds what it expects against what happened.
  void Play(const base::Fields& step);

 private:
  void GoTo(base::Time time);
  void TakeEvent(const base::Fields& step, profile::EventType type);
  void Ask(const base::Fields& step);
  void Report(const std::string& what);
  void Expect(const decision::Decision& decision, const base::Fields& expected) const;
  void ExpectReplay(const decision::Decision& decision);

  engine::TestHub hub_;
  std::string person_ = "ana";
  decision::Decision last_;  // decision
};

}  // namespace batuta::scenarios

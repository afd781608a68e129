// Holds the random features and segments of a world against what is computed anew, after every
// event: of whoever the record gave an event to, and of some others whenever time has passed.
//
// Looks at the folds of the shadow, which take each record as it is seen durable. Throws Failure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/ids.h"
#include "engine/fold.h"
#include "feature/naive_features.h"
#include "log/record.h"
#include "simulation/coverage.h"
#include "simulation/random_rules.h"
#include "simulation/shadow.h"

namespace batuta::simulation {

class RuleCheck {
 public:
  // All outlive it.
  RuleCheck(RandomRules& rules, Shadow& shadow, Coverage& coverage)
      : rules_(rules), shadow_(shadow), coverage_(coverage) {}

  // Requires: the shadow has just taken it.
  void After(const log::Record& record);

 private:
  struct Known {
    uint64_t entries = 0;  // of the timeline
    size_t events = 0;
  };
  using Events = std::vector<feature::NaiveEvent>;

  void LookAt(engine::Fold& fold, const base::PersonId& id, const engine::PersonRow& row);
  Events EventsOf(engine::Fold& fold, const base::PersonId& id, const engine::PersonRow& row);
  const feature::NaiveEvent& EventAt(const base::Position& position);
  void CheckPerson(engine::Fold& fold, const base::PersonId& id, const engine::PersonRow& row,
                   const Events& events);
  void CheckFeatures(engine::Fold& fold, const std::string& who, const engine::PersonRow& row,
                     const Events& events);
  void CheckSegments(engine::Fold& fold, const std::string& who, const engine::PersonRow& row,
                     const Events& events);

  RandomRules& rules_;
  Shadow& shadow_;
  Coverage& coverage_;
  std::map<std::string, Known> known_;                    // by the id's bytes
  std::map<base::Position, feature::NaiveEvent> parsed_;  // without their times
};

}  // namespace batuta::simulation

// Looks on while the shadow decides, and holds what is chosen against what the person is at that
// moment, by naive code of its own: what a company promises that cannot be seen in the log alone.
//
// Nothing is chosen without consent for its purpose, during a cool-down, for members of a blocking
// segment, after refusals that silence it, twice within a gap, beyond the cap, beside a competitor
// of a partner, over a channel that is less welcome than the other, or more often in a slate than
// its group may be. Throws Failure where it is.
#pragma once

#include "engine/fold_observer.h"
#include "simulation/coverage.h"

namespace batuta::simulation {

class Judge : public engine::FoldObserver {
 public:
  // Counts what it has judged there.
  explicit Judge(Coverage& coverage) : coverage_(coverage) {}

  void OnDecided(engine::Fold& fold, const engine::Decided& decided) override;
  void OnLife(const decision::OpenDecision&) override {}

 private:
  Coverage& coverage_;
};

}  // namespace batuta::simulation

// Propensity: what the published models believe about the acceptance of each candidate, as a Beta
// distribution.
#include "base/status.h"
#include "decision/pipeline.h"

namespace batuta::decision {

void StagePropensity(Run& run) {
  run.beliefs.clear();
  for (CandidateTrace& candidate : *run.trace().mutable_candidates()) {
    learn::Belief belief;
    if (IsAdmissible(candidate)) {
      belief = run.models.Find(candidate.action(), run.decision.placement());
      BATUTA_CHECK(belief.alpha > 0 && belief.beta > 0);
      candidate.set_alpha(belief.alpha);
      candidate.set_beta(belief.beta);
    }
    run.beliefs.push_back(belief);
  }
}

}  // namespace batuta::decision

// Propensity: what the published models believe about the acceptance of each candidate, as a Beta
// distribution; and how an adaptive model came to it.
#include <cmath>

#include "base/status.h"
#include "decision/pipeline.h"

namespace batuta::decision {

namespace {

void WriteDown(const learn::Opinion& opinion, CandidateTrace& candidate) {
  candidate.set_score(opinion.score);
  candidate.set_maturity(opinion.maturity);
  for (const double contribution : opinion.contributions) {
    candidate.add_contributions(static_cast<int32_t>(std::floor(contribution * 1000 + 0.5)));
  }
}

}  // namespace

void StagePropensity(Run& run) {
  run.beliefs.clear();
  for (CandidateTrace& candidate : *run.trace().mutable_candidates()) {
    learn::Belief belief;
    if (IsAdmissible(candidate)) {
      const learn::Opinion opinion =
          run.models.Judge(candidate.action(), run.decision.placement(), run.decision.predictors());
      belief = opinion.belief;
      if (opinion.is_adaptive) WriteDown(opinion, candidate);
      BATUTA_CHECK(belief.alpha > 0 && belief.beta > 0);
      candidate.set_alpha(belief.alpha);
      candidate.set_beta(belief.beta);
    }
    run.beliefs.push_back(belief);
  }
}

}  // namespace batuta::decision

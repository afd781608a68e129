// Contact policies: suppression after refusals and frequency caps, on all that is reserved or
// shown. Which policies concern a class is the policy's own matter; none caps a transactional
// action.
#include "decision/pipeline.h"
#include "policy/caps.h"

namespace batuta::decision {

void StagePolicy(Run& run) {
  const policy::CheckContext context{
      .policies = run.policies, .history = run.history, .pending = {}, .now = run.now};
  for (CandidateTrace& candidate : *run.trace().mutable_candidates()) {
    if (!IsAdmissible(candidate)) continue;
    const auto violation = policy::Check(context, OfferOf(run.decision, candidate));
    if (!violation) continue;
    FallOut(candidate, ALLOWED, ReasonOf(*violation, run));
    SetOperands(*violation, run, *candidate.mutable_operands());
  }
}

}  // namespace batuta::decision

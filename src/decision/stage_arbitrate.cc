// Arbitration: what each candidate is worth, in the hub's currency:
//
//     net value = propensity * value * lever - cost + what is added for agreements
//
// The lever multiplies a positive gross value only, so that pushing an action never makes a loss
// look smaller. Doing nothing is worth 0. Probabilities are those of the outcome itself, not of its
// difference to doing nothing (p0 = 0).
#include "decision/pipeline.h"

namespace batuta::decision {

void StageArbitrate(Run& run) {
  Trace& trace = run.trace();
  AddBoosts(trace);
  for (int i = 0; i < trace.candidates_size(); ++i) {
    CandidateTrace& candidate = *trace.mutable_candidates(i);
    if (!IsAdmissible(candidate)) continue;
    const double mean = run.beliefs[static_cast<size_t>(i)].Mean();
    candidate.set_net_value(mean * GrossValue(candidate) - CostOf(candidate) + BoostOf(candidate));
  }
}

double GrossValue(const CandidateTrace& candidate) {
  const double value = static_cast<double>(candidate.value_micros()) / 1e6;
  return value > 0 ? value * candidate.lever() : value;
}

double CostOf(const CandidateTrace& candidate) {
  return static_cast<double>(candidate.cost_micros()) / 1e6;
}

}  // namespace batuta::decision

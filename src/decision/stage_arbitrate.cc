// Arbitration: what each candidate is worth, in the hub's currency:
//
//     net value = (propensity - p0) * value * lever - cost + what is added for agreements
//
// The lever multiplies a positive gross value only, so that pushing an action never makes a loss
// look smaller. Doing nothing is worth 0. p0 is the probability of the same outcome without being
// shown anything, at placements that are incremental; at others it is not taken off.
#include "decision/pipeline.h"

namespace batuta::decision {

void StageArbitrate(Run& run) {
  Trace& trace = run.trace();
  AddBoosts(trace);
  for (int i = 0; i < trace.candidates_size(); ++i) {
    CandidateTrace& candidate = *trace.mutable_candidates(i);
    if (!IsAdmissible(candidate)) continue;
    const double mean = run.beliefs[static_cast<size_t>(i)].Mean();
    candidate.set_net_value((mean - ForgoneRate(trace, candidate)) * GrossValue(candidate) -
                            CostOf(candidate) + BoostOf(candidate));
  }
}

double GrossValue(const CandidateTrace& candidate) {
  const double value = static_cast<double>(candidate.value_micros()) / 1e6;
  return value > 0 ? value * candidate.lever() : value;
}

double ForgoneRate(const Trace& trace, const CandidateTrace& candidate) {
  return trace.incremental() ? candidate.natural() : 0;
}

double CostOf(const CandidateTrace& candidate) {
  return static_cast<double>(candidate.cost_micros()) / 1e6;
}

}  // namespace batuta::decision

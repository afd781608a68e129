// Contact policies: caps and gaps on all that is reserved or shown, pressure, pauses after
// refusals, blocking lists, cool-downs and quiet hours. Which of them concern a class is the
// policy's own matter; those that limit how often or when never concern a transactional action.
//
// What quiet hours put off is checked now, at its decision; that it still stands when it is sent is
// for whoever sends it.
#include <algorithm>

#include "decision/pipeline.h"
#include "policy/caps.h"

namespace batuta::decision {
namespace {

// What may wait takes part, with the time until which it waits; unless it has ended by then.
void PutOff(const policy::CheckContext& context, const policy::Offer& offer,
            CandidateTrace& candidate) {
  const base::Time end = policy::QuietEnd(context, offer);
  if (end == context.now) return;
  if (candidate.ends() == 0 || end.micros < candidate.ends()) {
    return candidate.set_not_before(end.micros);
  }
  FallOut(candidate, ALLOWED, QUIET);
  candidate.mutable_operands()->set_at(end.micros);
  for (size_t i = 0; i < context.policies.all().size(); ++i) {
    const policy::Policy& policy = context.policies.all()[i];
    if (policy.kind != policy::PolicyKind::kQuiet || !policy::Applies(policy, offer)) continue;
    if (context.history.QuietUntil(i, context.now) == context.now) continue;
    return candidate.mutable_operands()->set_policy(policy.name);
  }
}

// When something could be decided about that has to be decided anew after quiet hours.
int64_t AskAgainAt(const Trace& trace) {
  int64_t first = 0;
  for (const CandidateTrace& candidate : trace.candidates()) {
    if (candidate.reason() != QUIET || candidate.quiet_hours() != REDECIDE) continue;
    const int64_t at = candidate.operands().at();
    if (at == base::kDistantFuture.micros) continue;
    first = first == 0 ? at : std::min(first, at);
  }
  return first;
}

}  // namespace

void StagePolicy(Run& run) {
  const policy::CheckContext context{
      .policies = run.policies, .history = run.history, .pending = {}, .now = run.now};
  for (CandidateTrace& candidate : *run.trace().mutable_candidates()) {
    if (!IsAdmissible(candidate)) continue;
    const policy::Offer offer = OfferOf(run.decision, candidate);
    if (const auto violation = policy::Check(context, offer)) {
      FallOut(candidate, ALLOWED, ReasonOf(*violation, run));
      SetOperands(*violation, run, *candidate.mutable_operands());
    } else if (offer.waits) {
      PutOff(context, offer, candidate);
    }
  }
  run.decision.set_ask_again_at(AskAgainAt(run.decision.trace()));
}

}  // namespace batuta::decision

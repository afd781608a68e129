// Consent: an action that names a purpose needs the person's granted consent for it on the
// placement's channel, whatever its class; a denial and a silence both hold it back, told apart. An
// action without a purpose needs none.
#include "base/status.h"
#include "decision/pipeline.h"

namespace batuta::decision {
namespace {

// The consent, asked for once and written into the trace.
ConsentState ReadConsent(const std::string& purpose, const PersonView& person, Run& run) {
  for (const ConsentRead& read : run.trace().consents()) {
    if (read.purpose() == purpose) return read.state();
  }
  ConsentRead& read = *run.trace().add_consents();
  read.set_purpose(purpose);
  read.set_state(person.Consent(purpose, run.decision.channel()));
  return read.state();
}

}  // namespace

void StageConsent(const Placement& placement, const PersonView& person, Run& run) {
  Trace& trace = run.trace();
  BATUTA_CHECK(trace.candidates_size() == static_cast<int>(placement.candidates.size()));
  for (int i = 0; i < trace.candidates_size(); ++i) {
    CandidateTrace& candidate = *trace.mutable_candidates(i);
    const std::string& purpose = placement.candidates[static_cast<size_t>(i)].action->purpose;
    if (!IsAdmissible(candidate) || purpose.empty()) continue;
    const ConsentState state = ReadConsent(purpose, person, run);
    if (state == CONSENT_GRANTED) continue;
    FallOut(candidate, ALLOWED, state == CONSENT_DENIED_STATE ? CONSENT_DENIED : CONSENT_MISSING);
    candidate.mutable_operands()->set_purpose(purpose);
  }
}

}  // namespace batuta::decision

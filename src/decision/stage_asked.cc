// What the request asks for: of several actions, those that may be chosen.
//
// After rules, consent and preferences, so that whoever asks why an action was not chosen is told
// those first.
#include <algorithm>

#include "decision/pipeline.h"

namespace batuta::decision {

void StageAsked(Run& run) {
  Trace& trace = run.trace();
  const auto& only = trace.only();
  if (only.empty()) return;
  for (CandidateTrace& candidate : *trace.mutable_candidates()) {
    if (!IsAdmissible(candidate)) continue;
    const bool is_asked = std::find(only.begin(), only.end(), candidate.action()) != only.end();
    if (!is_asked) FallOut(candidate, CHOICE, NOT_ASKED);
  }
}

}  // namespace batuta::decision

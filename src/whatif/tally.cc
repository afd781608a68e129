#include "whatif/tally.h"

namespace batuta::whatif {
void CountDecision(const decision::Decision& made, Course course,
                   const std::vector<std::string>& segments, Comparison& out) {
  if (out.currency.empty()) out.currency = made.currency();
  for (const decision::Chosen& chosen : made.chosen()) {
    ++out.actions[{"", chosen.action(), made.channel()}][course].chosen;
    for (const std::string& segment : segments) {
      ++out.actions[{segment, chosen.action(), made.channel()}][course].chosen;
    }
  }
  for (const decision::CandidateTrace& candidate : made.trace().candidates()) {
    if (candidate.reason() == decision::ADMISSIBLE) continue;
    ++out.falls[decision::FallOf(candidate)][course];
  }
}

}  // namespace batuta::whatif

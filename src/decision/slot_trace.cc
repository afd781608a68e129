#include "decision/slot_trace.h"

#include <algorithm>

namespace batuta::decision {

std::vector<size_t> LeftFor(const Trace& trace, int slot) {
  std::vector<size_t> left;
  for (int i = 0; i < trace.candidates_size(); ++i) {
    bool in = trace.candidates(i).reason() == ADMISSIBLE;
    for (int s = 0; s <= slot && in; ++s) {
      const auto& drops = trace.slots(s).drops();
      in = std::none_of(drops.begin(), drops.end(), [&](const Drop& drop) {
        return drop.candidate() == static_cast<uint32_t>(i);
      });
    }
    if (in) left.push_back(static_cast<size_t>(i));
  }
  return left;
}

}  // namespace batuta::decision

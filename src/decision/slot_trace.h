// What a trace says of a slot's choice.
#pragma once

#include <cstddef>
#include <vector>

#include "decision/decision.pb.h"

namespace batuta::decision {

// The candidates that the slot chose from, as indices in the trace; parallel to its probabilities
// without the last, which is that of nothing. Requires: the slot is one of the trace.
std::vector<size_t> LeftFor(const Trace& trace, int slot);

}  // namespace batuta::decision

// The single edits that may change a decision, but for the passing of time and the values of
// actions, which are searched for. Internal to this folder.
#pragma once

#include <string_view>
#include <vector>

#include "decision/changes.h"
#include "decision/decision.pb.h"

namespace batuta::decision {

// Those of one kind, each once, in the declared order. With `wanted` only those that concern that
// action. Facts are those that would meet a condition of a rule that was not met.
std::vector<Edit> EditsOf(EditKind kind, const Decision& decision, std::string_view wanted);

// What the trace would hold after the edit; what else an edit does is a Twist.
void Apply(const Edit& edit, Decision& decision);

}  // namespace batuta::decision

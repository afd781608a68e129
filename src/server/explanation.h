// Shows why a decision was as it was: the sentence first, then a line for each candidate, then what
// would have changed it, the smallest change marked.
#pragma once

#include "base/value.pb.h"
#include "server/output.h"

namespace batuta::server {

// Other formats than a table get the explanation whole, as the hub gave it.
void PrintExplanation(const Output& output, const base::Value& explanation);

}  // namespace batuta::server

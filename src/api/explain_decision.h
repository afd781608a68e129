// Answers why a decision was as it was, why it was not otherwise, and what would have changed it.
// Internal to this folder.
#pragma once

#include "api/exchange.h"
#include "api/stored_decision.h"

namespace batuta::api {

// With ?action= also why that action was not chosen, and what would have made it so. Reads the
// person, and changes nothing.
void ExplainDecision(const ExchangePtr& exchange, const StoredDecision& stored);

}  // namespace batuta::api

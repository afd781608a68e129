// An evaluation as an object, for people and programs to read.
#pragma once

#include "base/value.pb.h"
#include "experiment/off_policy.h"

namespace batuta::experiment {

// {method, value, standardError, low, high}.
base::Value ToValue(const Estimate& estimate);
// {canBeEstimated, doubts, decisions, …, estimates, logged, gain}.
base::Value ToValue(const OffPolicyReport& report, rule::Language language);

}  // namespace batuta::experiment

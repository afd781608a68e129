// Who is held out: sticky on the person, by the hub's seed and the holdout's name.
//
// A person that survives a merge keeps the arm of its own id.
#pragma once

#include <cstdint>

#include "base/ids.h"
#include "decision/catalogue.h"
#include "decision/decision.pb.h"

namespace batuta::decision {

bool IsHeldOut(const Holdout& holdout, const base::PersonId& person, uint64_t hub_seed);

// Writes the holdouts that the person is in into the trace.
void ReadHoldouts(const std::vector<Holdout>& holdouts, const base::PersonId& person,
                  uint64_t hub_seed, Trace& trace);

// Sets the holdout in force from those in the trace: one with the arm "none" before one with the
// arm "random", then the first by name.
void ApplyHoldouts(Decision& decision);

}  // namespace batuta::decision

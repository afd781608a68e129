// Who is held out: sticky on the person, by the hub's seed and the holdout's name.
//
// Who was met by a holdout keeps the arm of then (holdout_tally.h), also when they merge; who was
// not has that of their own id.
#pragma once

#include <cstdint>

#include "base/ids.h"
#include "decision/catalogue.h"
#include "decision/decision.pb.h"
#include "decision/holdout_tally.h"

namespace batuta::decision {

// By the draw alone.
bool IsHeldOut(const Holdout& holdout, const base::PersonId& person, uint64_t hub_seed);

// Writes the holdouts that the person is in into the trace. `met` may be null: nobody was.
struct HoldoutDraw {
  base::PersonId person;
  uint64_t hub_seed = 0;
  const HoldoutPeople* met = nullptr;
};
void ReadHoldouts(const std::vector<Holdout>& holdouts, const HoldoutDraw& draw, Trace& trace);

// Sets the holdout in force from those in the trace: one with the arm "none" before one with the
// arm "random", then the first by name.
void ApplyHoldouts(Decision& decision);

}  // namespace batuta::decision

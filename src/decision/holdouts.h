// Who is held out, and from what: sticky on the person, by the hub's seed and the holdout's name.
//
// Who was met by a holdout keeps the arm of then (holdout_tally.h), also when they merge; who was
// not has that of their own id.
//
// With the arm "none" a holdout keeps people from all marketing, or from what it is `only` about;
// the rest competes. The other arms are other policies: how those choose is in choice.h. Nobody is
// held out from transactional actions. In a decision a holdout is in force if something that it
// concerns had passed all stages before: all of "none" together, and the first of another arm.
#pragma once

#include <cstdint>
#include <vector>

#include "base/ids.h"
#include "decision/catalogue.h"
#include "decision/decision.pb.h"
#include "decision/holdout_tally.h"
#include "policy/caps.h"

namespace batuta::decision {

// By the draw alone.
bool IsHeldOut(const Holdout& holdout, const base::PersonId& person, uint64_t hub_seed);

// Whether a holdout of this arm is about the offer: what is selected, but nothing transactional;
// where nothing is selected, with the arm "none" marketing alone.
bool Concerns(HoldoutArm arm, const policy::Selection& only, const policy::Offer& offer);

// Writes the holdouts that the person is in into the trace. `met` may be null: nobody was.
struct HoldoutDraw {
  base::PersonId person;
  uint64_t hub_seed = 0;
  const HoldoutPeople* met = nullptr;
};
void ReadHoldouts(const std::vector<Holdout>& holdouts, const HoldoutDraw& draw, Trace& trace);

// A holdout of the trace that is in force, with the candidates that it is about, by their indices.
struct HoldoutInForce {
  const HoldoutRead* read = nullptr;
  std::vector<size_t> candidates = {};
};
// In the order of their arms, those about everything first, then by name. The same before the
// choice and after it. Pointers into the decision.
std::vector<HoldoutInForce> HoldoutsInForce(const Decision& decision);

// Writes which holdout is in force, and lets what those of "none" are about fall out.
void HoldOut(const std::vector<HoldoutInForce>& in_force, Decision& decision);

// The one by whose policy is chosen; null if it is the usual one.
const HoldoutInForce* PolicyOf(const std::vector<HoldoutInForce>& in_force);

}  // namespace batuta::decision

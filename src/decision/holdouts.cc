#include "decision/holdouts.h"

#include "base/random.h"

namespace batuta::decision {

bool IsHeldOut(const Holdout& holdout, const base::PersonId& person, uint64_t hub_seed) {
  base::Random random(hub_seed, person.record, "holdout", holdout.name);
  return random.Uniform() * 100 < holdout.percent;
}

void ReadHoldouts(const std::vector<Holdout>& holdouts, const HoldoutDraw& draw, Trace& trace) {
  for (const Holdout& holdout : holdouts) {
    const HoldoutPerson* met =
        draw.met == nullptr ? nullptr : FindMet(*draw.met, holdout.name, holdout.version);
    const bool is_held =
        met == nullptr ? IsHeldOut(holdout, draw.person, draw.hub_seed) : met->held();
    if (!is_held) continue;
    HoldoutRead& read = *trace.add_holdouts();
    read.set_name(holdout.name);
    read.set_arm(holdout.arm);
  }
}

void ApplyHoldouts(Decision& decision) {
  for (const HoldoutRead& read : decision.trace().holdouts()) {
    const bool stronger = decision.arm() == RANDOM_ARM && read.arm() == NOTHING_ARM;
    if (decision.arm() != NO_HOLDOUT && !stronger) continue;
    decision.set_arm(read.arm());
    decision.set_holdout(read.name());
  }
}

}  // namespace batuta::decision

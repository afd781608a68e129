// Whether what an adaptive model counted long ago still holds.
//
// What newer examples say of each micro-bin, those of a week or two or all since the last break, is
// set beside what the older ones foretold:
// the older ones are taken as the prior of the newer ones, worth all of what they are, or a part
// of it (power priors: Ibrahim and Chen, "Power prior distributions for regression models", 2000).
// The part is the one under which the newer counts are likeliest, as a mean over the predictors.
// All of it unless a smaller one is clearly likelier, since people who are shown an action change,
// too.
//
// Pure.
#pragma once

#include "base/time.h"
#include "learn/adaptive.pb.h"
#include "learn/era_counts.h"

namespace batuta::learn {

// The part of the older examples that still holds, from 0.01 to 1. Requires: nothing of the clock's
// older ones was left out.
double OlderThatHolds(const AdaptiveState& state, const EraClock& clock, base::Time now);

// Whether it is time for a break: of what was counted since the last one, what is not recent holds
// no more than a tenth. Two breaks are some weeks apart, so that the recent ones are of after the
// last. Requires: the same.
bool HasBroken(const AdaptiveState& state, const EraClock& clock, base::Time now);

}  // namespace batuta::learn

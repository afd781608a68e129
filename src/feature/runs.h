// Runs of events: times with less than a gap from each to the next. A run is kept as its first and
// last time, so a session of a thousand pages takes as much room as one of two.
#pragma once

#include <cstdint>

#include "base/time.h"
#include "feature/feature.pb.h"

namespace batuta::feature {

struct Run {
  int64_t first = 0;
  int64_t last = 0;
};

// Adds a run, joining those that are less than a gap away.
void TakeRun(Run run, base::Duration gap, FeatureState& state);

// Keeps the newest.
void DropOldestRuns(int runs_max, FeatureState& state);

// Forgets runs that end at or before the horizon, and, of those that began a gap after it or
// earlier, when that was.
void ExpireRuns(int64_t horizon, base::Duration gap, FeatureState& state);

}  // namespace batuta::feature

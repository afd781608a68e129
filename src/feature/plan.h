// What a person's record has to keep so that a feature can be told exactly, whatever comes later.
//
// Of events that no later event can make matter again nothing is kept: of a maximum in a window
// only those that are greater than all after them, of `last` only the newest.
#pragma once

#include <cstdint>

#include "base/time.h"
#include "feature/spec.h"

namespace batuta::feature {

enum class Keep : uint8_t {
  kNothing,       // it is of a trait
  kNewest,        // the newest entry
  kOldest,        // the oldest entry
  kBest,          // the entry with the best number, of equals the newest
  kStairs,        // entries whose number is better than those of all newer ones
  kNewestPerKey,  // the newest entry of each key
  kAll,           // every entry
  kRuns,          // first and last time of runs of events with less than a gap between
  kTotals,        // count and sum
  kSketch,        // of hashes
  kDecay,         // sums by half-life
};

struct Plan {
  Keep keep = Keep::kAll;
  Window window;
  bool is_forever = false;  // kept though it has left the window
  base::Duration lookback;  // how long before the window it still matters
  bool is_least_best = false;
  // Columns of entries.
  bool has_line = false;
  bool has_number = false;
  bool has_word = false;
  bool has_steps = false;
  int keys = 0;
  base::Duration unit;  // the gap of runs, the half-life of a decay
};

// `keys` of patterns are the different values that their steps compare; see pattern.h.
Plan PlanOf(const FeatureSpec& spec, int pattern_keys);

// Entries at or before this time are of no use any more, in whatever zone the person is.
int64_t HorizonOf(const Plan& plan, base::Time now);

}  // namespace batuta::feature

// What one event, one merge, one passing of time do to the state of one feature.
//
// Laws, held by property tests (random_test.cc): after Expire to the same time, a state is a
// function of the set of events that were taken and not of their order or of how persons were
// merged in between, to the byte. An event that is taken twice counts once, but for features that
// keep totals or decaying sums: these count what they are given, so the caller takes each event
// once (the fold deduplicates) and merges only persons who share none.
//
// At most `entries_max` entries are kept, the newest; then `dropped` says up to where the state is
// incomplete, and values that reach beyond are read from the person's history (value.h). With
// Keep::kStairs and Keep::kRuns the bytes may then depend on the order, values do not.
#pragma once

#include <cstdint>

#include "base/time.h"
#include "feature/entries.h"
#include "feature/feature.pb.h"
#include "feature/plan.h"

namespace batuta::feature {

inline constexpr int kEntriesMax = 4096;

// Requires: a plan that keeps something.
void Take(const Plan& plan, const Entry& entry, int entries_max, FeatureState& state);

// Takes what another person's state has. The feature's number is left alone.
void Merge(const Plan& plan, const FeatureState& from, int entries_max, FeatureState& into);

// Forgets what no value at `now` or later depends on.
void Expire(const Plan& plan, base::Time now, FeatureState& state);

enum class Removal : uint8_t {
  kDone,
  kRebuild,  // what was forgotten because of the entry may matter again: fold the events anew
};
// Takes an entry back. Requires: it was taken.
Removal Remove(const Plan& plan, const Entry& entry, FeatureState& state);

// Says nothing: the person's record can do without it.
bool IsEmpty(const FeatureState& state);

}  // namespace batuta::feature

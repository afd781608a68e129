// What was promised to partners beyond a limit (constraints.h): minima and exclusivity.
//
// A minimum is shared out: each partition sees to its part. While fewer choices were made than an
// even pace through the period asks for, something is added to what they are worth: the more the
// farther they are behind, and all of the boost from a tenth of the minimum on, or from the part of
// the period that is left if that is less. So a minimum is striven for, never enforced: what is
// worth less than nothing by more than the boost is not chosen.
//
// Exclusivity: competitors are not chosen beside what is the partner's in one decision, and at the
// placements that are named not at all.
//
// Pure functions over values; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"
#include "policy/constraints.h"
#include "policy/policies.h"
#include "resource/set.h"

namespace batuta::policy {

// The part of the minimum that a partition sees to. The parts add up to the minimum.
int64_t ShareOf(int64_t at_least, uint32_t partition, uint32_t partitions);

// Of the whole or of a share.
struct Pace {
  int64_t due = 0;       // so many an even pace asks for by now
  int64_t behind = 0;    // so many of them are lacking
  int64_t boost = 0;     // in millionths of the currency
  bool at_risk = false;  // the boost is at its most
};
// `taken` of `share` choices were made in the period, by `now`.
struct Progress {
  int64_t share = 0;
  int64_t taken = 0;
};
Pace PaceOf(const Constraint& agreement, const Period& period, const Progress& progress,
            base::Time now);

struct Exclusivity {
  std::string agreement = {};
  Selection of = {};      // what is the partner's
  Selection rivals = {};  // who gives way; without channels
  std::vector<std::string> placements = {};
  base::Time starts = base::kDistantPast;
  base::Time ends = base::kDistantFuture;
};
// By the names of the agreements. Requires: the specs fit their schema.
std::vector<Exclusivity> CompileExclusivities(const resource::ResourceSet& resources);

}  // namespace batuta::policy

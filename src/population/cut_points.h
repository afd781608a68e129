// The cut points of a population: which ranks they have, and where somebody stands by them.
//
// By nearest rank: of n people the percentile p is the value of rank ceil(p n / 100), ascending, so
// each cut point is somebody's value. Somebody stands at the least p whose cut point their value
// does not exceed, hence `standing > p` are those above the cut point p, and who have equal values
// stand together, in the lower place. Beyond the greatest value it is 100. Quintiles are
// percentiles by twenties: 1 for 1 to 20, … 5 for 81 to 100; R. Hyndman and Y. Fan, "Sample
// Quantiles in Statistical Packages" (1996), definition 1.
//
// Under `reversed` the least values stand highest: p becomes 101 - p, a quintile q 6 - q.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "population/population.pb.h"

namespace batuta::population {

inline constexpr int kPercentiles = 100;
inline constexpr uint64_t kTopMax = 1'000'000'000;

// The ranks of the cut points, then of those n of `tops` (ascending) that the people are enough
// for: the last of the first n. None if nobody counts.
std::vector<uint64_t> RanksOf(uint64_t people, std::span<const uint64_t> tops, bool reversed);

// What was found, as cut points. Requires: a selection that is found, of RanksOf.
void TakeFound(const Selection& selection, std::span<const uint64_t> tops, Version& version);

// 1 to 100, and 1 to 5. Requires: somebody counted.
int PercentileOf(const Version& version, double value);
int QuintileOf(int percentile);

// Null if the version was not measured for this n.
const Top* FindTop(const Version& version, uint64_t n);
// Among the first n by the version; who ties with the last of them is, too, and everybody if there
// were fewer.
bool IsAmong(const Version& version, const Top& top, double value);

}  // namespace batuta::population

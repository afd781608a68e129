// How readily a person reacts on a channel: the share of what they were shown there that they
// accepted, newer outcomes weighing more, held against what is usual on that channel among all.
//
//     rate = (prior * usual + accepted) / (prior + shown)
//
// which is the mean of a Beta belief. Outcomes lose half of their weight with every half-life. All
// in whole numbers, so that it is the same on every machine. Pure; no threads.
//
// Source: shrinkage of proportions by a Beta prior, as in A. Gelman et al., Bayesian Data Analysis,
// 3rd ed. (2013), section 2.4.
#pragma once

#include <cstdint>

#include "absl/types/span.h"
#include "base/time.h"
#include "policy/pressure.h"

namespace batuta::policy {

// So many contacts of other people are worth as much as what this person did.
inline constexpr int64_t kPriorContacts = 20;

// What is usual where nothing has been learned: that of a cold start.
inline constexpr int64_t kUsualRate = 50'000;

// One share of one, in millionths.
inline constexpr int64_t kWholeRate = 1'000'000;

// The outcomes of a person on one channel: parallel, with kOneContact for an acceptance and 0 for
// anything else.
struct Outcomes {
  absl::Span<const base::Time> times;
  absl::Span<const int64_t> accepted;
};

// How many contacts these outcomes weigh by now, in millionths.
int64_t EvidenceAt(absl::Span<const base::Time> times, base::Time now, base::Duration half_life);

// The rate, in millionths, from 0 to kWholeRate. Requires: `usual` is such a rate, too.
int64_t RateAt(const Outcomes& outcomes, int64_t usual, base::Time now, base::Duration half_life);

// The first time from now on at which the outcomes weigh less than `contacts`.
base::Time EvidenceFallsBelow(int64_t contacts, absl::Span<const base::Time> times, base::Time now,
                              base::Duration half_life);

}  // namespace batuta::policy

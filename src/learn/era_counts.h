// Counts that forget, exactly: whole numbers that can be added in any order and taken away again.
//
// Time is cut into eras of eight half-lives. Within an era an example weighs the more the later its
// week is (forward decay: Cormode et al., "Forward decay: a practical time decay model for
// streaming systems", ICDE 2009): 2^20 in the era's first week, twice as much a half-life later,
// rounded to a whole number. What a count weighs now follows from its era alone, and after two eras
// it weighs nothing.
//
// Where the half-life is longer than four weeks, the same examples are counted a second time by a
// clock of its own, whose half-life is a week: recent ones. They tell whether older ones still hold
// (drift.h), and stand beside the others under era numbers from kRecentFrom on.
#pragma once

#include <cstdint>
#include <optional>

#include "absl/types/span.h"
#include "base/time.h"
#include "learn/bin_statistics.h"

namespace batuta::learn {

inline constexpr int64_t kRecentFrom = int64_t{1} << 40;

class EraClock {
 public:
  // A half-life of 0 forgets nothing: there is one era, and every week weighs the same.
  explicit EraClock(base::Duration half_life);

  int64_t EraOf(base::Time time) const;
  // What a whole example of that time counts in its era. Positive.
  int64_t CountOf(base::Time time) const;
  // What one count of the era is worth now, in examples; 0 for eras long over.
  double WorthOf(int64_t era, base::Time now) const;

  // The clock of recent examples; none if this one forgets fast enough, or nothing at all.
  std::optional<EraClock> Recent() const;
  // The part of what is not recent that still holds, from 0 to 1.
  double older() const { return older_; }
  EraClock WithOlder(double older) const;

 private:
  int64_t WeekOf(base::Time time) const;
  double half_life_weeks_;  // 0: nothing is forgotten
  int64_t era_weeks_;
  double older_ = 1;
};

// What one era counts. Positives and negatives are whole numbers of any sign.
struct EraCount {
  int64_t era = 0;
  int64_t positives = 0;
  int64_t negatives = 0;
};
using EraCounts = absl::Span<const EraCount>;

// What recent ones are worth now by their own clock.
Bin RecentWorth(EraCounts counts, const EraClock& clock, base::Time now);

// What all are worth now, what is not recent by the part that still holds; never negative.
Bin Worth(EraCounts counts, const EraClock& clock, base::Time now);

// Whether what the era counts is worth nothing any more.
bool IsWorthless(int64_t era, const EraClock& clock, base::Time now);

}  // namespace batuta::learn

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
// (drift.h), and stand beside the others under era numbers from kRecentFrom on. Where older ones
// are found not to hold, there is a break: what comes after it is counted in eras of its own, so
// that it is not mixed with what came before, and still forgotten as slowly as the model wants.
#pragma once

#include <cstdint>
#include <optional>

#include "absl/container/inlined_vector.h"
#include "absl/types/span.h"
#include "base/time.h"
#include "learn/bin_statistics.h"

namespace batuta::learn {

inline constexpr int64_t kRecentFrom = int64_t{1} << 40;

class EraClock {
 public:
  // A half-life of 0 forgets nothing: there is one era, and every week weighs the same. Breaks are
  // in microseconds, ascending; an example of just that time comes before the break.
  explicit EraClock(base::Duration half_life, absl::Span<const int64_t> breaks = {});

  int64_t EraOf(base::Time time) const;
  // What a whole example of that time counts in its era. Positive.
  int64_t CountOf(base::Time time) const;
  // What one count of the era is worth now, in examples; 0 for eras long over.
  double WorthOf(int64_t era, base::Time now) const;

  bool HasBreaks() const { return !breaks_.empty(); }
  // Whether the era comes after the last break, or there is none.
  bool IsSinceBreak(int64_t era) const;

  // The clock of recent examples; none if this one forgets fast enough, or nothing at all.
  std::optional<EraClock> Recent() const;
  // The part of what is not recent that still holds, from 0 to 1.
  double older() const { return older_; }
  EraClock WithOlder(double older) const;

 private:
  static int64_t WeekOf(base::Time time);
  // Its number among those that breaks do not tell apart.
  int64_t PlainEraOf(base::Time time) const;
  double half_life_weeks_;  // 0: nothing is forgotten
  int64_t era_weeks_;
  double older_ = 1;
  absl::InlinedVector<int64_t, 2> breaks_;
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

// What is known to hold: all since the last break, or the recent ones where these are more.
Bin NewerWorth(EraCounts counts, const EraClock& clock, base::Time now);

// What all since the last break are worth now.
Bin SinceBreakWorth(EraCounts counts, const EraClock& clock, base::Time now);

// What all are worth now, what is older than NewerWorth by the part that still holds; never
// negative.
Bin Worth(EraCounts counts, const EraClock& clock, base::Time now);

// Whether what the era counts is worth nothing any more.
bool IsWorthless(int64_t era, const EraClock& clock, base::Time now);

}  // namespace batuta::learn

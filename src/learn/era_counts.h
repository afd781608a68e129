// Counts that forget, exactly: whole numbers that can be added in any order and taken away again.
//
// Time is cut into eras of eight half-lives. Within an era an example weighs the more the later its
// week is (forward decay: Cormode et al., "Forward decay: a practical time decay model for
// streaming systems", ICDE 2009): 2^20 in the era's first week, twice as much a half-life later,
// rounded to a whole number. What a count weighs now follows from its era alone, and after two eras
// it weighs nothing.
#pragma once

#include <cstdint>

#include "base/time.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "learn/adaptive.pb.h"
#include "learn/bin_statistics.h"

namespace batuta::learn {

class EraClock {
 public:
  // A half-life of 0 forgets nothing: there is one era, and every week weighs the same.
  explicit EraClock(base::Duration half_life);

  int64_t EraOf(base::Time time) const;
  // What a whole example of that time counts in its era. Positive.
  int64_t CountOf(base::Time time) const;
  // What one count of the era is worth now, in examples; 0 for eras long over.
  double WorthOf(int64_t era, base::Time now) const;

 private:
  int64_t WeekOf(base::Time time) const;
  double half_life_weeks_;  // 0: nothing is forgotten
  int64_t era_weeks_;
};

using AllEraCounts = google::protobuf::RepeatedPtrField<EraCounts>;

// Adds to the counts of the era; entries that become zero are removed, so that equal content is
// equal bytes.
void AddTo(AllEraCounts& counts, int64_t era, int64_t positives, int64_t negatives);

// What they are worth now; never negative.
Bin Worth(const AllEraCounts& counts, const EraClock& clock, base::Time now);

// Removes the eras that are worth nothing at `now`.
void DropWorthless(AllEraCounts& counts, const EraClock& clock, base::Time now);

}  // namespace batuta::learn

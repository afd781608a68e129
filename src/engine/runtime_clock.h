// The machine's clock, held against its monotonic one: a wall clock that jumps moves no timers.
//
// Follows the wall clock as long as that keeps pace with the monotonic one. When the two come apart
// by more than five minutes, time goes on at the monotonic pace from where it was, and the jump is
// reported; once the wall clock has kept to its new time for ten minutes, it is believed again.
// What is given out never goes back: after a jump backwards that was believed, time stands still
// until the wall clock has caught up. Knows nothing of what happened before it was made.
// Thread-safe.
#pragma once

#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/clock.h"

namespace batuta::engine {

inline constexpr base::Duration kClockJump = base::Minutes(5);
inline constexpr base::Duration kClockTrial = base::Minutes(10);

class ClockGuard final : public base::Clock {
 public:
  // The clock outlives the guard.
  explicit ClockGuard(base::Clock& clock);

  base::Time Wall() override;
  base::Duration Monotonic() override { return clock_.Monotonic(); }

  struct Report {
    uint64_t jumps = 0;      // noticed so far
    bool holds = false;      // the wall clock is not followed just now
    base::Duration by = {};  // how far the last jump went; negative: back
  };
  Report Look() const;

 private:
  base::Clock& clock_;
  mutable absl::Mutex mutex_;
  // Wall clock minus monotonic clock: as it is believed, and as it is since the jump.
  int64_t trusted_ ABSL_GUARDED_BY(mutex_);
  int64_t jumped_ ABSL_GUARDED_BY(mutex_) = 0;
  base::Duration jumped_at_ ABSL_GUARDED_BY(mutex_);
  base::Time last_ ABSL_GUARDED_BY(mutex_);
  Report report_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace batuta::engine

#include "engine/runtime_clock.h"

#include <algorithm>
#include <cstdlib>

namespace batuta::engine {
namespace {

bool AreApart(int64_t a, int64_t b) { return std::abs(a - b) > kClockJump.micros; }

}  // namespace

ClockGuard::ClockGuard(base::Clock& clock)
    : clock_(clock), trusted_(clock.Wall().micros - clock.Monotonic().micros) {}

base::Time ClockGuard::Wall() {
  absl::MutexLock lock(&mutex_);
  const base::Duration now = clock_.Monotonic();
  const int64_t stated = clock_.Wall().micros - now.micros;
  if (!AreApart(stated, trusted_)) {
    trusted_ = stated;
    report_.holds = false;
  } else if (!report_.holds || AreApart(stated, jumped_)) {
    report_ = {.jumps = report_.jumps + 1, .holds = true, .by = {stated - trusted_}};
    jumped_ = stated;
    jumped_at_ = now;
  } else if (now.micros - jumped_at_.micros >= kClockTrial.micros) {
    trusted_ = stated;
    report_.holds = false;
  } else {
    jumped_ = stated;
  }
  last_ = std::max(last_, base::Time{now.micros + trusted_});
  return last_;
}

ClockGuard::Report ClockGuard::Look() const {
  absl::MutexLock lock(&mutex_);
  return report_;
}

}  // namespace batuta::engine

#include "log/system_clock.h"

#include <chrono>

namespace batuta::log {
namespace {

template <typename Clock>
int64_t MicrosOf() {
  const auto since = Clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(since).count();
}

}  // namespace

base::Time SystemClock::Wall() { return {MicrosOf<std::chrono::system_clock>()}; }

base::Duration SystemClock::Monotonic() { return {MicrosOf<std::chrono::steady_clock>()}; }

}  // namespace batuta::log

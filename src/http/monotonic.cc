#include "http/monotonic.h"

#include <chrono>

namespace batuta::http {

base::Duration MonotonicNow() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return base::Micros(std::chrono::duration_cast<std::chrono::microseconds>(now).count());
}

}  // namespace batuta::http

// The machine's own clocks. Thread-safe.
#pragma once

#include "base/clock.h"
#include "base/time.h"

namespace batuta::log {

class SystemClock final : public base::Clock {
 public:
  base::Time Wall() override;
  base::Duration Monotonic() override;
};

}  // namespace batuta::log

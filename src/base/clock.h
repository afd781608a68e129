// The seam to the world's clocks. The fold never sees one: its time is the log's.
#pragma once

#include "base/time.h"

namespace batuta::base {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time Wall() = 0;           // may jump in both directions
  virtual Duration Monotonic() = 0;  // since an arbitrary start; never goes back
};

}  // namespace batuta::base

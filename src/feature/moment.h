// When and where a feature is read: windows as instants.
//
// A window reaches up to now, and its beginning only ever moves forward while the zone stays the
// same. An event is in it while now is before LeaveTime.
#pragma once

#include <cstdint>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "base/time.h"
#include "base/value.pb.h"
#include "feature/spec.h"

namespace batuta::feature {

struct Moment {
  base::Time now;       // log time; not before any event that was taken
  absl::TimeZone zone;  // of the person, or else of the company

  // The earliest time in the window.
  int64_t FirstIn(const Window& window) const;
  // The first instant at which what happened at `time` is in the window no more.
  int64_t LeaveTime(const Window& window, int64_t time) const;
  // The first instant of the next local day.
  int64_t NextDay() const;
};

// Not after FirstIn of any zone. Requires: a window of local days.
base::Time EarliestStart(const Window& window, base::Time now);

}  // namespace batuta::feature

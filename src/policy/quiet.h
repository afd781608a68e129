// Quiet hours: windows of the local week in which people are left in peace.
//
// A window goes from a local time of a day to a local time of the same day or, if that is not
// later, of the next. Where clocks are put forward over an end, it is the moment of the change;
// where they are put back, a window begins with the first and ends with the second time that its
// clock time comes, so that it is never shorter than stated. Pure; no threads.
#pragma once

#include <cstdint>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "base/time.h"

namespace batuta::policy {

inline constexpr int kMinutesOfDay = 24 * 60;
inline constexpr uint8_t kEveryDay = 0x7f;

struct QuietWindow {
  uint8_t days = kEveryDay;  // on which it begins; bit 0 is Monday
  int from = 0;              // minutes after midnight, below kMinutesOfDay
  int to = 0;                // up to kMinutesOfDay; not later than `from`: of the next day
  friend bool operator==(const QuietWindow&, const QuietWindow&) = default;
};

// The first time from `at` on that is in none of the windows: `at` itself if it is in none now, and
// kDistantFuture if there is none within two weeks.
base::Time QuietEnd(absl::Span<const QuietWindow> windows, base::Time at, absl::TimeZone zone);

// Whether together they leave no minute of a week, by the clock.
bool CoverTheWeek(absl::Span<const QuietWindow> windows);

}  // namespace batuta::policy

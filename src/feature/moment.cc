#include "feature/moment.h"

#include <limits>

#include "base/status.h"
#include "feature/local_calendar.h"

namespace batuta::feature {
namespace {

// Of the window of local days in which `day` is the last.
LocalDay FirstDay(const Window& window, LocalDay day) {
  switch (window.kind) {
    case Window::Kind::kThisWeek:
      return MondayOf(day);
    case Window::Kind::kThisMonth:
      return FirstOfMonth(day);
    case Window::Kind::kLastDays:
      return day - window.days + 1;
    default:
      return day;
  }
}

// The first day whose window does not reach back to `day`.
LocalDay DayWithout(const Window& window, LocalDay day) {
  switch (window.kind) {
    case Window::Kind::kThisWeek:
      return MondayOf(day) + 7;
    case Window::Kind::kThisMonth:
      return FirstOfNextMonth(day);
    case Window::Kind::kLastDays:
      return day + window.days;
    default:
      return day + 1;
  }
}

}  // namespace

int64_t Moment::FirstIn(const Window& window) const {
  if (window.kind == Window::Kind::kEver) return std::numeric_limits<int64_t>::min();
  if (window.kind == Window::Kind::kWithin) return (now - window.length).micros + 1;
  return StartOf(FirstDay(window, DayOf(now.micros, zone)), zone);
}

int64_t Moment::LeaveTime(const Window& window, int64_t time) const {
  if (window.kind == Window::Kind::kEver) return base::kDistantFuture.micros;
  if (window.kind == Window::Kind::kWithin) return (base::Time{time} + window.length).micros;
  return StartOf(DayWithout(window, DayOf(time, zone)), zone);
}

int64_t Moment::NextDay() const { return StartOf(DayOf(now.micros, zone) + 1, zone); }

base::Time EarliestStart(const Window& window, base::Time now) {
  BATUTA_CHECK(window.kind != Window::Kind::kEver && window.kind != Window::Kind::kWithin);
  // No zone is a day away from UTC: neither is what its calendars show, nor when its days begin.
  const absl::TimeZone utc = absl::UTCTimeZone();
  const LocalDay day = DayOf((now - base::Days(1)).micros, utc);
  return base::Time{StartOf(FirstDay(window, day), utc)} - base::Days(1);
}

}  // namespace batuta::feature

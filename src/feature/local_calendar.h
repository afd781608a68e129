// Days, weeks and months on the clocks of a time zone, as instants.
//
// A local day begins at the first instant that bears its date and ends where the next one begins,
// so days follow each other without gap or overlap also where clocks are put forward or back at
// midnight. Where a date was skipped, its day has no instant. A week begins on Monday (ISO 8601).
// Pure but for the zones themselves (expr/calendar.h). Times are microseconds since 1970.
#pragma once

#include <cstdint>

#include "absl/time/time.h"

namespace batuta::feature {

// Days since 1970-01-01 of the local date.
using LocalDay = int64_t;

LocalDay DayOf(int64_t time, const absl::TimeZone& zone);
int64_t StartOf(LocalDay day, const absl::TimeZone& zone);

LocalDay MondayOf(LocalDay day);      // of the same week
LocalDay FirstOfMonth(LocalDay day);  // of the same month
LocalDay FirstOfNextMonth(LocalDay day);
LocalDay FirstOfYear(int64_t year);
int64_t YearAt(LocalDay day);

// From 0 to 23.
int HourOf(int64_t time, const absl::TimeZone& zone);

// Days from `day` to the next day with the month and the day of the month of `date`, 0 on it. In
// years without a 29 February its anniversary is on the 28th.
int64_t DaysToAnniversary(LocalDay date, LocalDay day);

// The anniversaries from `date`, without itself, to `day`. Requires: it is not later.
int64_t YearsBetween(LocalDay date, LocalDay day);

}  // namespace batuta::feature

// Timestamps and durations as text, and what the calendar and the clock on the wall say.
//
// Texts of timestamps are RFC 3339, down to nanoseconds. Texts of durations are sums like "1h30m"
// and "-1.5s" with the units h, m, s, ms, us, ns. A zone is "UTC", an offset like "-06:00", or a
// name of the IANA database, which is read from the system (package tzdata) once for each name:
// with another edition of it, the same rule may give another answer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "base/time.h"
#include "expr/value.h"

namespace batuta::expr {

// Nothing if there is no such zone. "" is UTC.
std::optional<absl::TimeZone> FindZone(std::string_view zone);

// A point in time of the hub's; an error beyond the years 1 to 9999.
Value OfTime(base::Time time);

// A timestamp or an error.
Value ParseTimestamp(std::string_view text);
std::string FormatTimestamp(int64_t seconds, uint32_t nanos);

// A duration or an error. Within about 292 years.
Value ParseDuration(std::string_view text);
std::string FormatDuration(int64_t nanos);

enum class CalendarField {
  kFullYear,
  kMonth,       // from 0
  kDate,        // day of the month, from 1
  kDayOfMonth,  // from 0
  kDayOfWeek,   // from 0, Sunday
  kDayOfYear,   // from 0
  kHours,
  kMinutes,
  kSeconds,
  kMilliseconds,
};

// An int, or an error if there is no such zone.
Value GetCalendarField(CalendarField field, const Value& timestamp, std::string_view zone);

// Whole hours, minutes or seconds of a duration; of milliseconds those beyond the second.
Value GetDurationField(CalendarField field, const Value& duration);

}  // namespace batuta::expr

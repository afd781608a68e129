// Points in time and spans of it, in microseconds; and their RFC 3339 text.
//
// Knows no clock: see clock.h for the seam.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace batuta::base {

struct Duration {
  int64_t micros = 0;
  friend constexpr auto operator<=>(const Duration&, const Duration&) = default;
};
constexpr Duration Micros(int64_t n) { return {n}; }
constexpr Duration Millis(int64_t n) { return {n * 1000}; }
constexpr Duration Seconds(int64_t n) { return {n * 1'000'000}; }
constexpr Duration Minutes(int64_t n) { return Seconds(n * 60); }
constexpr Duration Hours(int64_t n) { return Seconds(n * 3600); }
constexpr Duration Days(int64_t n) { return Seconds(n * 86400); }

// Microseconds since 1970-01-01T00:00:00Z, without leap seconds.
struct Time {
  int64_t micros = 0;
  friend constexpr auto operator<=>(const Time&, const Time&) = default;
};
inline constexpr Time kDistantPast{std::numeric_limits<int64_t>::min()};
inline constexpr Time kDistantFuture{std::numeric_limits<int64_t>::max()};

// Arithmetic saturates at the ends of the range instead of overflowing.
Time operator+(Time time, Duration span);
Time operator-(Time time, Duration span);
Duration operator-(Time later, Time earlier);

// "2026-11-22T10:15:30.123456Z"; the fraction is left out when zero and has 3 digits when whole
// milliseconds.
std::string FormatRfc3339(Time time);

// Accepts RFC 3339 with `T` or a space, any fraction (rounded down to microseconds) and any offset;
// a date alone is midnight UTC; a missing offset is UTC. Years 0001 to 9999.
absl::StatusOr<Time> ParseTime(std::string_view text);

// "90d", "12h", "30m", "45s", "250ms", or sums of them ("1d12h"). Never negative.
absl::StatusOr<Duration> ParseDuration(std::string_view text);
std::string FormatDuration(Duration span);

}  // namespace batuta::base

#include "base/time.h"

#include <algorithm>
#include <array>
#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "base/text.h"

namespace batuta::base {
namespace {

constexpr int64_t kMicrosMax = std::numeric_limits<int64_t>::max();
constexpr int64_t kMicrosMin = std::numeric_limits<int64_t>::min();
constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kDay = 86400 * kSecond;

struct Date {
  int64_t year = 0;
  int64_t month = 1;
  int64_t day = 1;
};

bool IsLeap(int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int64_t DaysInMonth(int64_t year, int64_t month) {
  constexpr std::array<int64_t, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && IsLeap(year) ? 29 : kDays[static_cast<size_t>(month - 1)];
}

// Days from 0001-01-01 to the first of January of `year`, years from 1.
constexpr int64_t DaysBeforeYear(int64_t year) {
  const int64_t past = year - 1;
  return past * 365 + past / 4 - past / 100 + past / 400;
}
constexpr int64_t kDaysBefore1970 = DaysBeforeYear(1970);
constexpr int64_t kFirstMicros = -kDaysBefore1970 * kDay;
constexpr int64_t kLastMicros = (DaysBeforeYear(10000) - kDaysBefore1970) * kDay - 1;

int64_t DaysSince1970(const Date& date) {
  int64_t days = DaysBeforeYear(date.year) - kDaysBefore1970 + date.day - 1;
  for (int64_t month = 1; month < date.month; ++month) days += DaysInMonth(date.year, month);
  return days;
}

// Requires: a day of the years 1 to 9999.
Date DateOf(int64_t days_since_1970) {
  const int64_t days = days_since_1970 + kDaysBefore1970;
  Date date{.year = days / 366 + 1};  // never too late; at most a few years too early
  while (DaysBeforeYear(date.year + 1) <= days) ++date.year;
  int64_t rest = days - DaysBeforeYear(date.year);
  for (; rest >= DaysInMonth(date.year, date.month); ++date.month) {
    rest -= DaysInMonth(date.year, date.month);
  }
  date.day = rest + 1;
  return date;
}

// Takes parts off the front of a text; the first part that does not fit fails the whole.
class Parts {
 public:
  explicit Parts(std::string_view text) : rest_(text) {}

  int64_t Digits(int count) {
    int64_t value = 0;
    for (int i = 0; i < count; ++i) {
      if (rest_.empty() || rest_[0] < '0' || rest_[0] > '9') return Fail();
      value = value * 10 + (rest_[0] - '0');
      rest_.remove_prefix(1);
    }
    return value;
  }

  // One of the characters of `choices`, else fails.
  char OneOf(std::string_view choices) {
    if (rest_.empty() || choices.find(rest_[0]) == std::string_view::npos) {
      return static_cast<char>(Fail());
    }
    const char found = rest_[0];
    rest_.remove_prefix(1);
    return found;
  }

  int64_t FractionMicros() {
    if (rest_.empty() || rest_[0] != '.') return 0;
    rest_.remove_prefix(1);
    int64_t micros = Digits(1) * 100'000;
    for (int64_t unit = 10'000; !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9'; unit /= 10) {
      micros += (rest_[0] - '0') * unit;
      rest_.remove_prefix(1);
    }
    return micros;
  }

  bool AtEnd() const { return rest_.empty(); }
  bool ok() const { return ok_; }
  int64_t Fail() {
    ok_ = false;
    rest_ = {};
    return 0;
  }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

int64_t OffsetMicros(Parts& parts) {
  if (parts.AtEnd()) return 0;
  const char sign = parts.OneOf("Zz+-");
  if (sign != '+' && sign != '-') return 0;
  const int64_t hours = parts.Digits(2);
  parts.OneOf(":");
  const int64_t minutes = parts.Digits(2);
  if (hours > 23 || minutes > 59) return parts.Fail();
  const int64_t micros = (hours * 60 + minutes) * 60 * kSecond;
  return sign == '+' ? micros : -micros;
}

// The time of day, less its offset from UTC.
int64_t TimeOfDayMicros(Parts& parts) {
  parts.OneOf("Tt ");
  const int64_t hour = parts.Digits(2);
  parts.OneOf(":");
  const int64_t minute = parts.Digits(2);
  parts.OneOf(":");
  const int64_t second = parts.Digits(2);
  // RFC 3339 allows second 60 for leap seconds; here it is the next minute's first.
  if (hour > 23 || minute > 59 || second > 60) return parts.Fail();
  const int64_t fraction = parts.FractionMicros();
  return ((hour * 60 + minute) * 60 + second) * kSecond + fraction - OffsetMicros(parts);
}

std::optional<int64_t> ParseMicros(std::string_view text) {
  Parts parts(text);
  Date date;
  date.year = parts.Digits(4);
  parts.OneOf("-");
  date.month = parts.Digits(2);
  parts.OneOf("-");
  date.day = parts.Digits(2);
  if (!parts.ok() || date.year < 1 || date.month < 1 || date.month > 12 || date.day < 1 ||
      date.day > DaysInMonth(date.year, date.month)) {
    return std::nullopt;
  }
  const int64_t micros = DaysSince1970(date) * kDay + (parts.AtEnd() ? 0 : TimeOfDayMicros(parts));
  if (!parts.ok() || !parts.AtEnd() || micros < kFirstMicros || micros > kLastMicros) {
    return std::nullopt;
  }
  return micros;
}

struct Unit {
  std::string_view name;
  int64_t micros;
};
constexpr std::array<Unit, 6> kUnits = {{{"d", kDay},
                                         {"h", 3600 * kSecond},
                                         {"m", 60 * kSecond},
                                         {"s", kSecond},
                                         {"ms", 1000},
                                         {"us", 1}}};

int64_t SaturatingAdd(int64_t a, int64_t b) {
  int64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) return b > 0 ? kMicrosMax : kMicrosMin;
  return sum;
}

int64_t SaturatingSubtract(int64_t a, int64_t b) {
  int64_t difference = 0;
  if (__builtin_sub_overflow(a, b, &difference)) return b < 0 ? kMicrosMax : kMicrosMin;
  return difference;
}

}  // namespace

Time operator+(Time time, Duration span) { return {SaturatingAdd(time.micros, span.micros)}; }
Time operator-(Time time, Duration span) { return {SaturatingSubtract(time.micros, span.micros)}; }
Duration operator-(Time later, Time earlier) {
  return {SaturatingSubtract(later.micros, earlier.micros)};
}

std::string FormatRfc3339(Time time) {
  const int64_t micros = std::clamp(time.micros, kFirstMicros, kLastMicros);
  int64_t days = micros / kDay;
  int64_t rest = micros % kDay;
  if (rest < 0) {
    rest += kDay;
    --days;
  }
  const Date date = DateOf(days);
  const int64_t seconds = rest / kSecond;
  std::string text = absl::StrFormat("%04d-%02d-%02dT%02d:%02d:%02d", date.year, date.month,
                                     date.day, seconds / 3600, seconds / 60 % 60, seconds % 60);
  const int64_t fraction = rest % kSecond;
  if (fraction % 1000 != 0) {
    absl::StrAppendFormat(&text, ".%06d", fraction);
  } else if (fraction != 0) {
    absl::StrAppendFormat(&text, ".%03d", fraction / 1000);
  }
  return text + "Z";
}

absl::StatusOr<Time> ParseTime(std::string_view text) {
  const std::optional<int64_t> micros = ParseMicros(text);
  if (!micros.has_value()) {
    return absl::InvalidArgumentError(
        StrCat("not a time as in 2026-11-22T10:15:30Z: ", text.substr(0, 64)));
  }
  return Time{*micros};
}

absl::StatusOr<Duration> ParseDuration(std::string_view text) {
  absl::Status refusal = absl::InvalidArgumentError(
      StrCat("not a duration as in 90d, 12h, 1d12h or 250ms: ", text.substr(0, 64)));
  if (text.empty()) return refusal;
  int64_t sum = 0;
  size_t next_unit = 0;
  while (!text.empty()) {
    const size_t digit_count = std::min(text.find_first_not_of("0123456789"), text.size());
    const std::string_view digits = text.substr(0, digit_count);
    text.remove_prefix(digit_count);
    const std::string_view name =
        text.substr(0, std::min(text.find_first_of("0123456789"), text.size()));
    text.remove_prefix(name.size());
    // Units go from large to small, each once, so that a typing error is not taken for a sum.
    while (next_unit < kUnits.size() && kUnits[next_unit].name != name) ++next_unit;
    int64_t count = 0;
    int64_t part = 0;
    if (next_unit == kUnits.size() || !absl::SimpleAtoi(AbslView(digits), &count) ||
        __builtin_mul_overflow(count, kUnits[next_unit].micros, &part) ||
        __builtin_add_overflow(sum, part, &sum)) {
      return refusal;
    }
    ++next_unit;
  }
  return Duration{sum};
}

std::string FormatDuration(Duration span) {
  if (span.micros == 0) return "0s";
  std::string text = span.micros < 0 ? "-" : "";
  // As unsigned: the most negative span has no positive counterpart.
  uint64_t rest = static_cast<uint64_t>(span.micros);
  if (span.micros < 0) rest = 0 - rest;
  for (const Unit& unit : kUnits) {
    const auto size = static_cast<uint64_t>(unit.micros);
    if (rest >= size) StrAppend(&text, rest / size, unit.name);
    rest %= size;
  }
  return text;
}

}  // namespace batuta::base

#include "expr/calendar.h"

#include <optional>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "base/text.h"
#include "expr/operators.h"

namespace batuta::expr {
namespace {

constexpr int64_t kNanosPerSecond = 1'000'000'000;

Value BadText(const char* detail) { return Value::Error(ErrorCode::kBadArgument, detail); }

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Takes text from the front.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool AtEnd() const { return text_.empty(); }
  char Peek() const { return text_.empty() ? '\0' : text_[0]; }
  bool TakeIf(char c) {
    if (Peek() != c || text_.empty()) return false;
    text_.remove_prefix(1);
    return true;
  }
  bool TakeIf(std::string_view word) {
    if (text_.substr(0, word.size()) != word) return false;
    text_.remove_prefix(word.size());
    return true;
  }
  // Exactly `count` digits.
  std::optional<int> Digits(size_t count) {
    if (text_.size() < count) return std::nullopt;
    int number = 0;
    for (size_t i = 0; i < count; ++i) {
      if (!IsDigit(text_[i])) return std::nullopt;
      number = number * 10 + (text_[i] - '0');
    }
    text_.remove_prefix(count);
    return number;
  }
  std::string_view AllDigits() {
    size_t count = 0;
    while (count < text_.size() && IsDigit(text_[count])) ++count;
    const std::string_view digits = text_.substr(0, count);
    text_.remove_prefix(count);
    return digits;
  }

 private:
  std::string_view text_;
};

// Nanoseconds of the digits after the point; further digits are dropped.
int64_t Fraction(std::string_view digits) {
  int64_t nanos = 0;
  for (size_t i = 0; i < 9; ++i) {
    nanos = nanos * 10 + (i < digits.size() ? digits[i] - '0' : 0);
  }
  return nanos;
}

// Minutes east of UTC: "+02:00", "-0630" is not one. With `is_sign_needed` false, "02:00" is too.
std::optional<int> ParseOffset(Reader& reader, bool is_sign_needed) {
  const bool is_west = reader.TakeIf('-');
  if (!is_west && !reader.TakeIf('+') && is_sign_needed) return std::nullopt;
  const auto hours = reader.Digits(2);
  if (!hours || !reader.TakeIf(':')) return std::nullopt;
  const auto minutes = reader.Digits(2);
  if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const int offset = *hours * 60 + *minutes;
  return is_west ? -offset : offset;
}

std::string Padded(int64_t number, size_t width) {
  std::string digits = std::to_string(number);
  return digits.size() < width ? std::string(width - digits.size(), '0') + digits : digits;
}

// ".5" of 500,000,000; "" of 0.
std::string FractionText(int64_t nanos) {
  if (nanos == 0) return "";
  std::string digits = Padded(nanos, 9);
  digits.erase(digits.find_last_not_of('0') + 1);
  return "." + digits;
}

struct Unit {
  std::string_view name;
  int64_t nanos;
};
// Longer names first.
constexpr Unit kUnits[] = {{"ns", 1},
                           {"us", 1000},
                           {"\xC2\xB5s", 1000},
                           {"\xCE\xBCs", 1000},
                           {"ms", 1'000'000},
                           {"s", kNanosPerSecond},
                           {"m", 60 * kNanosPerSecond},
                           {"h", 3600 * kNanosPerSecond}};

// Adds digits.fraction units, downwards if `sign` is -1. False beyond the range.
bool AddUnits(std::string_view digits, std::string_view fraction, int64_t unit, int64_t sign,
              int64_t& nanos) {
  int64_t whole = 0;
  for (const char c : digits) {
    if (__builtin_mul_overflow(whole, 10, &whole)) return false;
    if (__builtin_add_overflow(whole, sign * (c - '0'), &whole)) return false;
  }
  if (__builtin_mul_overflow(whole, unit, &whole)) return false;
  int64_t part = unit;
  int64_t rest = 0;
  __int128 numerator = 0;
  __int128 denominator = 1;
  for (size_t i = 0; i < fraction.size() && i < 18; ++i) {
    numerator = numerator * 10 + (fraction[i] - '0');
    denominator *= 10;
  }
  rest = static_cast<int64_t>(numerator * part / denominator) * sign;
  return !__builtin_add_overflow(whole, rest, &whole) &&
         !__builtin_add_overflow(nanos, whole, &nanos);
}

}  // namespace

std::optional<absl::TimeZone> FindZone(std::string_view zone) {
  if (zone.empty() || zone == "UTC" || zone == "Z") return absl::UTCTimeZone();
  if (zone[0] == '+' || zone[0] == '-' || IsDigit(zone[0])) {
    Reader reader(zone);
    const auto offset = ParseOffset(reader, false);
    if (!offset || !reader.AtEnd()) return std::nullopt;
    return absl::FixedTimeZone(*offset * 60);
  }
  // A name of the database, never a path out of it.
  if (zone.size() > 64 || zone[0] == '/' || zone[0] == ':' || zone.find('.') != zone.npos ||
      zone == "localtime") {
    return std::nullopt;
  }
  absl::TimeZone found;
  if (!absl::LoadTimeZone(base::AbslView(zone), &found)) return std::nullopt;
  return found;
}

Value OfTime(base::Time time) {
  constexpr int64_t kMicrosPerSecond = 1'000'000;
  return CheckedTimestamp(time.micros / kMicrosPerSecond, time.micros % kMicrosPerSecond * 1000);
}

Value ParseTimestamp(std::string_view text) {
  constexpr const char* kDetail = "not a timestamp of RFC 3339";
  Reader reader(text);
  const auto year = reader.Digits(4);
  const bool month_follows = year && reader.TakeIf('-');
  const auto month = month_follows ? reader.Digits(2) : std::nullopt;
  const bool day_follows = month && reader.TakeIf('-');
  const auto day = day_follows ? reader.Digits(2) : std::nullopt;
  if (!day || !reader.TakeIf('T')) return BadText(kDetail);
  const auto hour = reader.Digits(2);
  const bool minute_follows = hour && reader.TakeIf(':');
  const auto minute = minute_follows ? reader.Digits(2) : std::nullopt;
  const bool second_follows = minute && reader.TakeIf(':');
  const auto second = second_follows ? reader.Digits(2) : std::nullopt;
  if (!second || *hour > 23 || *minute > 59 || *second > 59) return BadText(kDetail);
  int64_t nanos = 0;
  if (reader.TakeIf('.')) {
    const std::string_view digits = reader.AllDigits();
    if (digits.empty()) return BadText(kDetail);
    nanos = Fraction(digits);
  }
  std::optional<int> offset = 0;
  if (!reader.TakeIf('Z')) offset = ParseOffset(reader, true);
  if (!offset || !reader.AtEnd()) return BadText(kDetail);
  const absl::CivilSecond civil(*year, *month, *day, *hour, *minute, *second);
  if (civil.month() != *month || civil.day() != *day) return BadText(kDetail);
  return CheckedTimestamp(civil - absl::CivilSecond() - int64_t{*offset} * 60, nanos);
}

std::string FormatTimestamp(int64_t seconds, uint32_t nanos) {
  const absl::CivilSecond civil = absl::CivilSecond() + seconds;
  return base::StrCat(Padded(civil.year(), 4), "-", Padded(civil.month(), 2), "-",
                      Padded(civil.day(), 2), "T", Padded(civil.hour(), 2), ":",
                      Padded(civil.minute(), 2), ":", Padded(civil.second(), 2),
                      FractionText(nanos), "Z");
}

Value ParseDuration(std::string_view text) {
  constexpr const char* kDetail = "not a duration like 1h30m or 2.5s";
  Reader reader(text);
  int64_t sign = 1;
  if (reader.TakeIf('-')) {
    sign = -1;
  } else {
    reader.TakeIf('+');
  }
  if (reader.AtEnd()) return BadText(kDetail);
  if (text == "0" || text == "-0" || text == "+0") return Value::Duration(0);
  int64_t nanos = 0;
  while (!reader.AtEnd()) {
    const std::string_view digits = reader.AllDigits();
    const std::string_view fraction = reader.TakeIf('.') ? reader.AllDigits() : "";
    if (digits.empty() && fraction.empty()) return BadText(kDetail);
    int64_t unit = 0;
    for (const Unit& candidate : kUnits) {
      if (unit == 0 && reader.TakeIf(candidate.name)) unit = candidate.nanos;
    }
    if (unit == 0) return BadText(kDetail);
    if (!AddUnits(digits, fraction, unit, sign, nanos)) {
      return Value::Error(ErrorCode::kOverflow, "the duration is beyond 292 years");
    }
  }
  return Value::Duration(nanos);
}

std::string FormatDuration(int64_t nanos) {
  const int64_t seconds = nanos / kNanosPerSecond;
  const int64_t rest = nanos % kNanosPerSecond;
  const std::string_view sign = nanos < 0 && seconds == 0 ? "-" : "";
  return base::StrCat(sign, seconds, FractionText(rest < 0 ? -rest : rest), "s");
}

Value GetCalendarField(CalendarField field, const Value& timestamp, std::string_view zone) {
  if (field == CalendarField::kMilliseconds) return Value::Int(timestamp.nanos() / 1'000'000);
  const auto found = FindZone(zone);
  if (!found) return BadText("there is no such time zone");
  const absl::CivilSecond civil =
      absl::ToCivilSecond(absl::FromUnixSeconds(timestamp.seconds()), *found);
  switch (field) {
    case CalendarField::kFullYear:
      return Value::Int(civil.year());
    case CalendarField::kMonth:
      return Value::Int(civil.month() - 1);
    case CalendarField::kDate:
      return Value::Int(civil.day());
    case CalendarField::kDayOfMonth:
      return Value::Int(civil.day() - 1);
    case CalendarField::kDayOfWeek: {
      // absl counts from Monday.
      const auto day = static_cast<int>(absl::GetWeekday(civil));
      return Value::Int((day + 1) % 7);
    }
    case CalendarField::kDayOfYear:
      return Value::Int(absl::GetYearDay(absl::CivilDay(civil)) - 1);
    case CalendarField::kHours:
      return Value::Int(civil.hour());
    case CalendarField::kMinutes:
      return Value::Int(civil.minute());
    default:
      return Value::Int(civil.second());
  }
}

Value GetDurationField(CalendarField field, const Value& duration) {
  const int64_t nanos = duration.duration_nanos();
  switch (field) {
    case CalendarField::kHours:
      return Value::Int(nanos / (3600 * kNanosPerSecond));
    case CalendarField::kMinutes:
      return Value::Int(nanos / (60 * kNanosPerSecond));
    case CalendarField::kSeconds:
      return Value::Int(nanos / kNanosPerSecond);
    default:
      return Value::Int(nanos % kNanosPerSecond / 1'000'000);
  }
}

}  // namespace batuta::expr

// Timestamps, durations and their parts.
#include "expr/calendar.h"
#include "expr/function.h"
#include "expr/operators.h"

namespace batuta::expr {
namespace {

using Arguments = std::span<const Value>;

Value ToTimestamp(Scratch&, Arguments arguments) {
  const Value& value = arguments[0];
  if (value.Is(Kind::kTimestamp)) return value;
  return value.Is(Kind::kInt) ? CheckedTimestamp(value.AsInt(), 0) : ParseTimestamp(value.AsText());
}

Value ToDuration(Scratch&, Arguments arguments) {
  const Value& value = arguments[0];
  return value.Is(Kind::kDuration) ? value : ParseDuration(value.AsText());
}

Native Part(CalendarField field) {
  return [field](Scratch& scratch, Arguments arguments) {
    if (arguments[0].Is(Kind::kDuration)) return GetDurationField(field, arguments[0]);
    // Finding a zone takes a fraction of a microsecond.
    if (!scratch.Charge(arguments.size() > 1 ? 20 : 5)) return Scratch::OverBudget();
    const std::string_view zone = arguments.size() > 1 ? arguments[1].AsText() : "UTC";
    return GetCalendarField(field, arguments[0], zone);
  };
}

}  // namespace

void AddTimeFunctions(FunctionTable& table) {
  table.Add("timestamp", "(timestamp) -> timestamp; (string) -> timestamp; (int) -> timestamp",
            ToTimestamp);
  table.Add("duration", "(duration) -> duration; (string) -> duration", ToDuration);

  constexpr std::string_view kDates = "timestamp.() -> int; timestamp.(string) -> int";
  table.Add("getFullYear", kDates, Part(CalendarField::kFullYear));
  table.Add("getMonth", kDates, Part(CalendarField::kMonth));
  table.Add("getDate", kDates, Part(CalendarField::kDate));
  table.Add("getDayOfMonth", kDates, Part(CalendarField::kDayOfMonth));
  table.Add("getDayOfWeek", kDates, Part(CalendarField::kDayOfWeek));
  table.Add("getDayOfYear", kDates, Part(CalendarField::kDayOfYear));

  constexpr std::string_view kTimes =
      "timestamp.() -> int; timestamp.(string) -> int; duration.() -> int";
  table.Add("getHours", kTimes, Part(CalendarField::kHours));
  table.Add("getMinutes", kTimes, Part(CalendarField::kMinutes));
  table.Add("getSeconds", kTimes, Part(CalendarField::kSeconds));
  table.Add("getMilliseconds", kTimes, Part(CalendarField::kMilliseconds));
}

}  // namespace batuta::expr

#include "expr/calendar.h"

#include "gtest/gtest.h"

namespace batuta::expr {
namespace {

int64_t Field(CalendarField field, std::string_view time, std::string_view zone) {
  const Value value = GetCalendarField(field, ParseTimestamp(time), zone);
  return value.Is(Kind::kInt) ? value.AsInt() : -999;
}

TEST(Calendar, TimestampsAreReadAndWrittenToTheNanosecond) {
  for (const char* text : {"2026-11-22T10:15:30Z", "0001-01-01T00:00:00Z",
                           "9999-12-31T23:59:59.999999999Z", "1969-12-31T23:59:59.5Z"}) {
    const Value value = ParseTimestamp(text);
    ASSERT_TRUE(value.Is(Kind::kTimestamp)) << text;
    EXPECT_EQ(FormatTimestamp(value.seconds(), value.nanos()), text);
  }
  const Value offset = ParseTimestamp("2026-11-22T10:15:30-06:00");
  EXPECT_EQ(FormatTimestamp(offset.seconds(), offset.nanos()), "2026-11-22T16:15:30Z");
  for (const char* text : {"", "2026-11-22", "2026-11-22 10:15:30Z", "2026-02-29T00:00:00Z",
                           "2026-11-22T10:15:30", "2026-11-22T24:00:00Z", "2026-11-22T10:15:30.Z",
                           "2026-11-22T10:15:30Zx", "9999-12-31T23:59:59-01:00"}) {
    EXPECT_TRUE(ParseTimestamp(text).is_error()) << text;
  }
}

TEST(Calendar, DurationsAreSumsOfUnits) {
  EXPECT_EQ(ParseDuration("1h30m").duration_nanos(), 5'400'000'000'000);
  EXPECT_EQ(ParseDuration("-1.5s").duration_nanos(), -1'500'000'000);
  EXPECT_EQ(ParseDuration("1ms2us3ns").duration_nanos(), 1'002'003);
  EXPECT_EQ(FormatDuration(-500'000'000), "-0.5s");
  EXPECT_EQ(FormatDuration(90'000'000'000), "90s");
  for (const char* text : {"", "-", "1", "1d", "h", "1h 1m", "300y", "9999999h"}) {
    EXPECT_TRUE(ParseDuration(text).is_error()) << text;
  }
}

TEST(Calendar, TheClockOnTheWallFollowsTheZoneAndItsSummerTime) {
  // Madrid goes from +1 to +2 at 2026-03-29T01:00:00Z.
  EXPECT_EQ(Field(CalendarField::kHours, "2026-03-29T00:59:59Z", "Europe/Madrid"), 1);
  EXPECT_EQ(Field(CalendarField::kHours, "2026-03-29T01:00:00Z", "Europe/Madrid"), 3);
  EXPECT_EQ(Field(CalendarField::kHours, "2026-03-29T01:00:00Z", "America/Mexico_City"), 19);
  EXPECT_EQ(Field(CalendarField::kDate, "2026-03-29T01:00:00Z", "America/Mexico_City"), 28);
  EXPECT_EQ(Field(CalendarField::kDayOfWeek, "2026-03-29T12:00:00Z", "UTC"), 0);
  EXPECT_EQ(Field(CalendarField::kMinutes, "2026-03-29T12:00:00Z", "+05:45"), 45);
  EXPECT_EQ(Field(CalendarField::kHours, "2026-03-29T12:00:00Z", "-02:30"), 9);
}

TEST(Calendar, ThereIsNoZoneBeyondTheDatabase) {
  for (const char* zone : {"Mars/Olympus", "../../etc/passwd", "/etc/localtime", "localtime",
                           "+25:00", "+1:00", "-0630"}) {
    EXPECT_EQ(Field(CalendarField::kHours, "2026-03-29T12:00:00Z", zone), -999) << zone;
  }
}

}  // namespace
}  // namespace batuta::expr

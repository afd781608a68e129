#include "feature/local_calendar.h"

#include "base/time.h"
#include "expr/calendar.h"
#include "feature/moment.h"
#include "gtest/gtest.h"

namespace batuta::feature {
namespace {

int64_t At(const char* text) { return base::ParseTime(text)->micros; }
std::string Text(int64_t time) { return base::FormatRfc3339({time}); }
absl::TimeZone Zone(const char* name) { return *expr::FindZone(name); }
LocalDay Date(const char* text) { return DayOf(At(text), absl::UTCTimeZone()); }

TEST(LocalCalendar, DaysHave23Or25HoursWhenClocksChange) {
  const absl::TimeZone zone = Zone("America/New_York");
  const LocalDay spring = Date("2026-03-08");
  EXPECT_EQ(StartOf(spring + 1, zone) - StartOf(spring, zone), base::Hours(23).micros);
  const LocalDay autumn = Date("2026-11-01");
  EXPECT_EQ(StartOf(autumn + 1, zone) - StartOf(autumn, zone), base::Hours(25).micros);
}

TEST(LocalCalendar, ADayWhoseMidnightIsSkippedBeginsLater) {
  const absl::TimeZone zone = Zone("America/Sao_Paulo");
  EXPECT_EQ(Text(StartOf(Date("2018-11-04"), zone)), "2018-11-04T03:00:00Z");
  EXPECT_EQ(DayOf(At("2018-11-04T02:59:59Z"), zone), Date("2018-11-03"));
  EXPECT_EQ(DayOf(At("2018-11-04T03:00:00Z"), zone), Date("2018-11-04"));
}

TEST(LocalCalendar, ADayWhoseMidnightComesTwiceBeginsAtTheFirst) {
  // At 1:00 clocks went back to 0:00.
  EXPECT_EQ(Text(StartOf(Date("2018-11-04"), Zone("America/Havana"))), "2018-11-04T04:00:00Z");
  // At 0:01 clocks went back to 23:01 of the day before, which had ended.
  const absl::TimeZone zone = Zone("America/St_Johns");
  const int64_t start = StartOf(Date("2006-10-29"), zone);
  EXPECT_EQ(Text(start), "2006-10-29T02:30:00Z");
  for (int minute = 0; minute < 120; ++minute) {
    EXPECT_EQ(DayOf(start + base::Minutes(minute).micros, zone), Date("2006-10-29")) << minute;
  }
  EXPECT_EQ(DayOf(start - 1, zone), Date("2006-10-28"));
}

TEST(LocalCalendar, ASkippedDateHasNoInstant) {
  const absl::TimeZone zone = Zone("Pacific/Apia");
  EXPECT_EQ(StartOf(Date("2011-12-30"), zone), StartOf(Date("2011-12-31"), zone));
  EXPECT_EQ(DayOf(StartOf(Date("2011-12-31"), zone), zone), Date("2011-12-31"));
  EXPECT_EQ(DayOf(StartOf(Date("2011-12-31"), zone) - 1, zone), Date("2011-12-29"));
}

TEST(LocalCalendar, WeeksBeginOnMondayAlsoBefore1970) {
  EXPECT_EQ(MondayOf(Date("2026-11-22")), Date("2026-11-16"));
  EXPECT_EQ(MondayOf(Date("2026-11-16")), Date("2026-11-16"));
  EXPECT_EQ(MondayOf(Date("1969-12-31")), Date("1969-12-29"));
  EXPECT_EQ(FirstOfMonth(Date("2026-02-28")), Date("2026-02-01"));
  EXPECT_EQ(FirstOfNextMonth(Date("2026-12-31")), Date("2027-01-01"));
}

TEST(LocalCalendar, AnniversariesOfALeapDayAreOnThe28th) {
  EXPECT_EQ(DaysToAnniversary(Date("2000-02-29"), Date("2026-02-27")), 1);
  EXPECT_EQ(DaysToAnniversary(Date("2000-02-29"), Date("2026-02-28")), 0);
  EXPECT_EQ(DaysToAnniversary(Date("2000-02-29"), Date("2028-02-28")), 1);
  EXPECT_EQ(DaysToAnniversary(Date("1990-11-22"), Date("2026-11-22")), 0);
  EXPECT_EQ(DaysToAnniversary(Date("1990-11-21"), Date("2026-11-22")), 364);
}

TEST(Moment, EarliestStartIsNotAfterTheStartInAnyZone) {
  const char* const zones[] = {
      "Pacific/Kiritimati", "Etc/GMT+12", "Pacific/Apia", "America/St_Johns",
      "Asia/Kathmandu",     "UTC",        "+23:59",       "-23:59",
      "America/New_York"};
  const Window windows[] = {{.kind = Window::Kind::kToday, .length = {}, .days = 0},
                            {.kind = Window::Kind::kThisWeek, .length = {}, .days = 0},
                            {.kind = Window::Kind::kThisMonth, .length = {}, .days = 0},
                            {.kind = Window::Kind::kLastDays, .length = {}, .days = 9}};
  for (int64_t hour = 0; hour < 24 * 80; hour += 1) {
    const base::Time now{At("2011-11-30T00:00:00Z") + hour * base::Hours(1).micros};
    for (const char* zone : zones) {
      for (const Window& window : windows) {
        EXPECT_LE(EarliestStart(window, now).micros, (Moment{now, Zone(zone)}).FirstIn(window));
      }
    }
  }
}

TEST(LocalCalendar, YearsAreOverOnTheAnniversary) {
  EXPECT_EQ(YearsBetween(Date("1990-05-17"), Date("2026-05-16")), 35);
  EXPECT_EQ(YearsBetween(Date("1990-05-17"), Date("2026-05-17")), 36);
  EXPECT_EQ(YearsBetween(Date("2000-02-29"), Date("2026-02-27")), 25);
  EXPECT_EQ(YearsBetween(Date("2000-02-29"), Date("2026-02-28")), 26);
  EXPECT_EQ(YearsBetween(Date("2026-03-01"), Date("2026-03-01")), 0);
  EXPECT_EQ(YearAt(FirstOfYear(2027)), 2027);
  EXPECT_EQ(YearAt(FirstOfYear(2027) - 1), 2026);
}

}  // namespace
}  // namespace batuta::feature

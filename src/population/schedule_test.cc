#include "population/schedule.h"

#include <string>

#include <gtest/gtest.h>

#include "absl/time/time.h"

namespace batuta::population {
namespace {

base::Time At(const std::string& text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << text << error;
  return {absl::ToUnixMicros(time)};
}

Schedule Daily(int hour, int minute, const char* name) {
  Schedule schedule{.minute_of_day = hour * 60 + minute};
  EXPECT_TRUE(absl::LoadTimeZone(name, &schedule.zone));
  return schedule;
}

TEST(Schedule, EverySoOftenIsAtWholeMultiples) {
  const Schedule day{.every = base::Hours(24)};
  EXPECT_EQ(day.Next(At("2026-03-01T13:00:00Z")), At("2026-03-02T00:00:00Z"));
  EXPECT_EQ(day.Next(At("2026-03-02T00:00:00Z")), At("2026-03-03T00:00:00Z"));
  const Schedule quarter{.every = base::Minutes(15)};
  EXPECT_EQ(quarter.Next(At("2026-03-01T13:00:01Z")), At("2026-03-01T13:15:00Z"));
  EXPECT_EQ(quarter.Next(At("1969-12-31T23:50:00Z")), At("1970-01-01T00:00:00Z"));
  EXPECT_EQ(quarter.Next(At("1969-12-31T23:45:00Z")), At("1970-01-01T00:00:00Z"));
}

TEST(Schedule, DailyIsByTheClockOfTheZone) {
  const Schedule schedule = Daily(3, 30, "America/Mexico_City");  // UTC-6
  EXPECT_EQ(schedule.Next(At("2026-03-01T09:00:00Z")), At("2026-03-01T09:30:00Z"));
  EXPECT_EQ(schedule.Next(At("2026-03-01T09:30:00Z")), At("2026-03-02T09:30:00Z"));
  EXPECT_EQ(schedule.Next(At("2026-03-02T05:59:00Z")), At("2026-03-02T09:30:00Z"));
}

// In Berlin the clock goes from 02:00 to 03:00 on 2026-03-29, and from 03:00 to 02:00 on 10-25.
TEST(Schedule, EachDayHasItOnceAlsoWhenTheClockIsChanged) {
  const Schedule schedule = Daily(2, 30, "Europe/Berlin");
  EXPECT_EQ(schedule.Next(At("2026-03-28T12:00:00Z")), At("2026-03-29T01:00:00Z"));
  EXPECT_EQ(schedule.Next(At("2026-03-29T01:00:00Z")), At("2026-03-30T00:30:00Z"));
  EXPECT_EQ(schedule.Next(At("2026-10-24T12:00:00Z")), At("2026-10-25T00:30:00Z"));
  EXPECT_EQ(schedule.Next(At("2026-10-25T00:30:00Z")), At("2026-10-26T01:30:00Z"));
}

}  // namespace
}  // namespace batuta::population

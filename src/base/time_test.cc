#include "base/time.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace batuta::base {
namespace {

constexpr int64_t kDayMicros = 86'400'000'000;

std::string Normal(std::string_view text) {
  const absl::StatusOr<Time> time = ParseTime(text);
  return time.ok() ? FormatRfc3339(*time) : "refused";
}

TEST(Time, EveryMicrosecondOfTheYears1To9999ReadsBack) {
  const int64_t first = ParseTime("0001-01-01")->micros;
  const int64_t last = ParseTime("9999-12-31T23:59:59.999999Z")->micros;
  Random random(1, {}, "time", "");
  for (int i = 0; i < 50'000; ++i) {
    const auto span = static_cast<uint64_t>(last - first) + 1;
    const Time time{first + static_cast<int64_t>(random.Below(span))};
    EXPECT_EQ(*ParseTime(FormatRfc3339(time)), time);
  }
}

TEST(Time, EveryDayReadsBackAndDaysFollowEachOther) {
  const Time first = *ParseTime("0001-01-01");
  std::string before = "0000-12-31";
  for (Time day = first; FormatRfc3339(day) < "9999-12-31"; day.micros += kDayMicros) {
    const std::string text = FormatRfc3339(day);
    ASSERT_GT(text, before);
    ASSERT_EQ(*ParseTime(text), day);
    before = text;
  }
}

TEST(Time, KnownInstantsAreRight) {
  EXPECT_EQ(ParseTime("1970-01-01T00:00:00Z")->micros, 0);
  EXPECT_EQ(ParseTime("2026-11-22T10:15:30.123456Z")->micros, 1'795'342'530'123'456);
  EXPECT_EQ(ParseTime("1969-12-31T23:59:59.999999Z")->micros, -1);
}

TEST(Time, TheFractionIsAsLongAsNeeded) {
  EXPECT_EQ(FormatRfc3339({0}), "1970-01-01T00:00:00Z");
  EXPECT_EQ(FormatRfc3339({120'000}), "1970-01-01T00:00:00.120Z");
  EXPECT_EQ(FormatRfc3339({120'001}), "1970-01-01T00:00:00.120001Z");
}

TEST(Time, TheAcceptedFormsOfRfc3339MeanTheSame) {
  const std::string_view instant = "2024-02-29T18:30:00Z";
  EXPECT_EQ(Normal("2024-02-29T18:30:00"), instant);
  EXPECT_EQ(Normal("2024-02-29 18:30:00z"), instant);
  EXPECT_EQ(Normal("2024-02-29t12:30:00-06:00"), instant);
  EXPECT_EQ(Normal("2024-03-01T00:00:00.0000009+05:30"), instant) << "rounded down";
  EXPECT_EQ(Normal("2024-02-29T18:29:60Z"), instant) << "a leap second";
  EXPECT_EQ(Normal("2024-02-29"), "2024-02-29T00:00:00Z");
}

TEST(Time, WhatIsNoTimeIsRefused) {
  for (const char* text : {"",
                           "2024",
                           "2024-02",
                           "2023-02-29",
                           "1900-02-29",
                           "2024-13-01",
                           "2024-00-01",
                           "2024-01-00",
                           "2024-01-32",
                           "0000-01-01",
                           "10000-01-01",
                           "2024-01-01T",
                           "2024-01-01T24:00:00Z",
                           "2024-01-01T00:60:00Z",
                           "2024-01-01T00:00:61Z",
                           "2024-01-01T00:00Z",
                           "2024-01-01T00:00:00.Z",
                           "2024-01-01T00:00:00+24:00",
                           "2024-01-01T00:00:00+0530",
                           "2024-01-01T00:00:00ZZ",
                           "2024-01-01T00:00:00 Z",
                           " 2024-01-01",
                           "2024-1-1",
                           "-024-01-01",
                           "1795342530",
                           "0001-01-01T00:00:00+00:01",
                           "9999-12-31T23:59:59-00:01"}) {
    EXPECT_FALSE(ParseTime(text).ok()) << text;
  }
}

TEST(Time, TimesBeyondTheCalendarAreWrittenAsItsEnds) {
  EXPECT_EQ(FormatRfc3339(kDistantPast), "0001-01-01T00:00:00Z");
  EXPECT_EQ(FormatRfc3339(kDistantFuture), "9999-12-31T23:59:59.999999Z");
}

TEST(Time, ArithmeticSaturates) {
  EXPECT_EQ(kDistantFuture + Micros(1), kDistantFuture);
  EXPECT_EQ(kDistantPast - Micros(1), kDistantPast);
  EXPECT_EQ(kDistantPast + Micros(-1), kDistantPast);
  EXPECT_EQ(kDistantFuture - kDistantPast, Duration{kDistantFuture.micros});
  EXPECT_EQ(kDistantPast - kDistantFuture, Duration{kDistantPast.micros});
  EXPECT_EQ(Time{5} + Micros(2), Time{7});
  EXPECT_EQ(Time{5} - Time{2}, Micros(3));
}

TEST(Duration, TextReadsBack) {
  Random random(2, {}, "time", "");
  for (int i = 0; i < 10'000; ++i) {
    const auto micros = static_cast<int64_t>(random.Bits() >> (1 + random.Below(63)));
    EXPECT_EQ(ParseDuration(FormatDuration({micros}))->micros, micros);
  }
}

TEST(Duration, SumsOfUnitsAreAccepted) {
  EXPECT_EQ(*ParseDuration("90d"), Days(90));
  EXPECT_EQ(*ParseDuration("1d12h"), Hours(36));
  EXPECT_EQ(*ParseDuration("30m45s250ms"), Millis(30 * 60'000 + 45'250));
  EXPECT_EQ(FormatDuration(Hours(36)), "1d12h");
  EXPECT_EQ(FormatDuration({}), "0s");
  EXPECT_EQ(FormatDuration(Seconds(-90)), "-1m30s");
}

TEST(Duration, WhatIsNoDurationIsRefused) {
  for (const char* text : {"", "12", "d", "-1d", "1.5h", "1h1d", "1h1h", "1 h", "1w", "1D", "+1d",
                           "99999999999999d", "106751991d99999999h"}) {
    EXPECT_FALSE(ParseDuration(text).ok()) << text;
  }
}

}  // namespace
}  // namespace batuta::base

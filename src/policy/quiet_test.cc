#include "policy/quiet.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace batuta::policy {
namespace {

constexpr QuietWindow kNights{.from = 21 * 60, .to = 8 * 60};

absl::TimeZone Zone(const char* name) {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone(name, &zone));
  return zone;
}

base::Time At(std::string_view text) {
  const auto time = base::ParseTime(text);
  EXPECT_TRUE(time.ok()) << text;
  return *time;
}

std::string EndOf(std::vector<QuietWindow> windows, std::string_view at, const char* zone) {
  return base::FormatRfc3339(QuietEnd(windows, At(at), Zone(zone)));
}

TEST(Quiet, AWindowIsClosedAtItsBeginningAndOpenAtItsEnd) {
  // Mexico City is six hours behind.
  const char* mexico = "America/Mexico_City";
  EXPECT_EQ(EndOf({kNights}, "2026-11-23T02:59:59.999999Z", mexico), "2026-11-23T02:59:59.999999Z");
  EXPECT_EQ(EndOf({kNights}, "2026-11-23T03:00:00Z", mexico), "2026-11-23T14:00:00Z");
  EXPECT_EQ(EndOf({kNights}, "2026-11-23T06:00:00Z", mexico), "2026-11-23T14:00:00Z");
  EXPECT_EQ(EndOf({kNights}, "2026-11-23T13:59:59.999999Z", mexico), "2026-11-23T14:00:00Z");
  EXPECT_EQ(EndOf({kNights}, "2026-11-23T14:00:00Z", mexico), "2026-11-23T14:00:00Z");
}

TEST(Quiet, DaysAreThoseOnWhichAWindowBegins) {
  // The night from Friday to Saturday; 27 November 2026 is a Friday.
  const QuietWindow friday{.days = 1 << 4, .from = 22 * 60, .to = 6 * 60};
  EXPECT_EQ(EndOf({friday}, "2026-11-27T21:59:00Z", "UTC"), "2026-11-27T21:59:00Z");
  EXPECT_EQ(EndOf({friday}, "2026-11-27T22:00:00Z", "UTC"), "2026-11-28T06:00:00Z");
  EXPECT_EQ(EndOf({friday}, "2026-11-28T05:00:00Z", "UTC"), "2026-11-28T06:00:00Z");
  EXPECT_EQ(EndOf({friday}, "2026-11-27T05:00:00Z", "UTC"), "2026-11-27T05:00:00Z");
  EXPECT_EQ(EndOf({friday}, "2026-11-28T22:00:00Z", "UTC"), "2026-11-28T22:00:00Z");
}

TEST(Quiet, WindowsThatTouchAreOne) {
  const QuietWindow evening{.from = 20 * 60, .to = kMinutesOfDay};
  const QuietWindow morning{.from = 0, .to = 7 * 60};
  const QuietWindow sunday{.days = 1 << 6, .from = 6 * 60, .to = kMinutesOfDay};
  EXPECT_EQ(EndOf({morning, evening}, "2026-11-26T20:00:00Z", "UTC"), "2026-11-27T07:00:00Z");
  // From Saturday evening, over the whole Sunday, to Monday morning.
  EXPECT_EQ(EndOf({morning, evening, sunday}, "2026-11-28T20:00:00Z", "UTC"),
            "2026-11-30T07:00:00Z");
}

TEST(Quiet, ClocksPutForwardOverTheEndEndTheWindow) {
  // In Madrid, 29 March 2026 has no time between 02:00 and 03:00.
  const QuietWindow night{.from = 22 * 60, .to = 2 * 60 + 30};
  EXPECT_EQ(EndOf({night}, "2026-03-29T00:30:00Z", "Europe/Madrid"), "2026-03-29T01:00:00Z");
  EXPECT_EQ(EndOf({night}, "2026-03-29T01:00:00Z", "Europe/Madrid"), "2026-03-29T01:00:00Z");
  const QuietWindow late{.from = 2 * 60 + 15, .to = 8 * 60};
  EXPECT_EQ(EndOf({late}, "2026-03-29T00:59:59Z", "Europe/Madrid"), "2026-03-29T00:59:59Z");
  EXPECT_EQ(EndOf({late}, "2026-03-29T01:00:00Z", "Europe/Madrid"), "2026-03-29T06:00:00Z");
  // The night before is in winter time, the one after in summer time.
  EXPECT_EQ(EndOf({kNights}, "2026-03-28T20:00:00Z", "Europe/Madrid"), "2026-03-29T06:00:00Z");
}

TEST(Quiet, ClocksPutBackMakeAWindowLonger) {
  // In Madrid, 25 October 2026 has the hour from 02:00 twice: from 00:00 and from 01:00 UTC.
  const QuietWindow night{.from = 22 * 60, .to = 2 * 60 + 30};
  EXPECT_EQ(EndOf({night}, "2026-10-25T00:45:00Z", "Europe/Madrid"), "2026-10-25T01:30:00Z");
  const QuietWindow late{.from = 2 * 60 + 30, .to = 8 * 60};
  EXPECT_EQ(EndOf({late}, "2026-10-25T00:29:59Z", "Europe/Madrid"), "2026-10-25T00:29:59Z");
  EXPECT_EQ(EndOf({late}, "2026-10-25T01:10:00Z", "Europe/Madrid"), "2026-10-25T07:00:00Z");
}

TEST(Quiet, AWholeWeekIsNotSearchedForEver) {
  const QuietWindow all{.from = 0, .to = kMinutesOfDay};
  EXPECT_TRUE(CoverTheWeek(std::vector<QuietWindow>{all}));
  EXPECT_FALSE(CoverTheWeek(std::vector<QuietWindow>{kNights}));
  EXPECT_TRUE(CoverTheWeek(std::vector<QuietWindow>{kNights, {.from = 8 * 60, .to = 21 * 60}}));
  EXPECT_FALSE(CoverTheWeek(
      std::vector<QuietWindow>{kNights, {.days = 0x3f, .from = 8 * 60, .to = 21 * 60}}));
  EXPECT_EQ(QuietEnd(std::vector<QuietWindow>{all}, At("2026-11-26T20:00:00Z"), Zone("UTC")),
            base::kDistantFuture);
}

// The end against a walk over the minutes by the local clock, where clocks stand still.
TEST(Quiet, EndIsTheFirstMinuteOutsideByTheLocalClock) {
  base::Random random(17, base::Id128{}, "test", "quiet");
  const absl::TimeZone zone = Zone("America/Lima");  // no changes since 1994
  for (int round = 0; round < 200; ++round) {
    std::vector<QuietWindow> windows;
    for (uint64_t i = 0, count = 1 + random.Below(3); i < count; ++i) {
      QuietWindow window{.days = static_cast<uint8_t>(random.Below(128)),
                         .from = static_cast<int>(random.Below(96)) * 15};
      window.to = (window.from + 15 * (1 + static_cast<int>(random.Below(60)))) % kMinutesOfDay;
      windows.push_back(window);
    }
    const auto is_quiet = [&](base::Time time) {
      const auto local = zone.At(absl::FromUnixMicros(time.micros)).cs;
      const int minute = local.hour() * 60 + local.minute();
      const int today = static_cast<int>(absl::GetWeekday(absl::CivilDay(local)));
      for (const QuietWindow& window : windows) {
        const bool begins_today = (window.days >> today & 1) != 0;
        const bool began_yesterday = (window.days >> ((today + 6) % 7) & 1) != 0;
        const bool over_night = window.to <= window.from;
        if (begins_today && minute >= window.from && (over_night || minute < window.to))
          return true;
        if (over_night && began_yesterday && minute < window.to) return true;
      }
      return false;
    };
    const base::Time at = At("2026-05-04T00:00:00Z") +
                          base::Minutes(static_cast<int64_t>(random.Below(7 * kMinutesOfDay)));
    base::Time expected = at;
    while (is_quiet(expected) && expected - at <= base::Days(14)) {
      expected = expected + base::Minutes(1);
    }
    if (expected - at > base::Days(14)) expected = base::kDistantFuture;
    ASSERT_EQ(QuietEnd(windows, at, zone), expected) << round;
  }
}

}  // namespace
}  // namespace batuta::policy

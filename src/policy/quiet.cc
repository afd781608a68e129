#include "policy/quiet.h"

#include <bitset>

#include "absl/time/civil_time.h"

namespace batuta::policy {
namespace {

constexpr base::Duration kSearch = base::Days(14);

enum class Edge { kBegin, kEnd };

base::Time InstantOf(absl::CivilDay day, int minutes, Edge edge, absl::TimeZone zone) {
  const absl::TimeZone::TimeInfo info = zone.At(absl::CivilMinute(day) + minutes);
  if (info.kind == absl::TimeZone::TimeInfo::SKIPPED) return {absl::ToUnixMicros(info.trans)};
  return {absl::ToUnixMicros(edge == Edge::kBegin ? info.pre : info.post)};
}

bool BeginsOn(const QuietWindow& window, absl::CivilDay day) {
  const int bit = static_cast<int>(absl::GetWeekday(day));  // Monday is 0
  return (window.days >> bit & 1) != 0;
}

int LengthOf(const QuietWindow& window) {
  return window.to > window.from ? window.to - window.from
                                 : window.to + kMinutesOfDay - window.from;
}

// The latest end of a window that `at` is in; `at` if it is in none.
base::Time EndAround(absl::Span<const QuietWindow> windows, base::Time at, absl::TimeZone zone) {
  const absl::CivilDay today(zone.At(absl::FromUnixMicros(at.micros)).cs);
  base::Time latest = at;
  for (const QuietWindow& window : windows) {
    // A window of yesterday may reach into today. One of tomorrow has never begun, and one of the
    // day before yesterday is always over.
    for (const absl::CivilDay day : {today - 1, today}) {
      if (!BeginsOn(window, day)) continue;
      const base::Time begin = InstantOf(day, window.from, Edge::kBegin, zone);
      const bool over_night = window.to <= window.from;
      const base::Time end = InstantOf(over_night ? day + 1 : day, window.to, Edge::kEnd, zone);
      if (begin <= at && at < end && end > latest) latest = end;
    }
  }
  return latest;
}

}  // namespace

base::Time QuietEnd(absl::Span<const QuietWindow> windows, base::Time at, absl::TimeZone zone) {
  // Windows that touch or overlap are one.
  base::Time end = at;
  while (end - at <= kSearch) {
    const base::Time next = EndAround(windows, end, zone);
    if (next == end) return end;
    end = next;
  }
  return base::kDistantFuture;
}

bool CoverTheWeek(absl::Span<const QuietWindow> windows) {
  constexpr int kMinutesOfWeek = 7 * kMinutesOfDay;
  std::bitset<kMinutesOfWeek> quiet;
  for (const QuietWindow& window : windows) {
    for (int day = 0; day < 7; ++day) {
      if ((window.days >> day & 1) == 0) continue;
      const int begin = day * kMinutesOfDay + window.from;
      for (int i = 0; i < LengthOf(window); ++i) {
        quiet.set(static_cast<size_t>((begin + i) % kMinutesOfWeek));
      }
    }
  }
  return quiet.all();
}

}  // namespace batuta::policy

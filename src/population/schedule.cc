#include "population/schedule.h"

#include "base/status.h"

namespace batuta::population {
namespace {

// Floored, also before 1970.
int64_t QuotientOf(int64_t time, int64_t step) {
  return time >= 0 ? time / step : -((-time + step - 1) / step);
}

}  // namespace

base::Time Schedule::Next(base::Time after) const {
  if (every.micros > 0) return {(QuotientOf(after.micros, every.micros) + 1) * every.micros};
  absl::CivilDay day = absl::ToCivilDay(absl::FromUnixMicros(after.micros), zone);
  // The zone may be changed on the way, so that a day's time is over though the day is not.
  for (int tries = 0; tries < 4; ++tries, ++day) {
    const absl::CivilMinute at(day.year(), day.month(), day.day(), minute_of_day / 60,
                               minute_of_day % 60);
    const absl::TimeZone::TimeInfo found = zone.At(at);
    const bool is_skipped = found.kind == absl::TimeZone::TimeInfo::SKIPPED;
    const base::Time next{absl::ToUnixMicros(is_skipped ? found.trans : found.pre)};
    if (next > after) return next;
  }
  BATUTA_CHECK(false, "a day has its time once");
}

}  // namespace batuta::population

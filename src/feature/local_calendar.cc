#include "feature/local_calendar.h"

#include "absl/time/civil_time.h"

namespace batuta::feature {
namespace {

constexpr absl::CivilDay kEpoch(1970, 1, 1);

absl::CivilDay CivilOf(LocalDay day) { return kEpoch + day; }

absl::CivilDay AnniversaryIn(absl::civil_year_t year, const absl::CivilDay& date) {
  const absl::CivilDay day(year, date.month(), date.day());
  // An impossible date becomes 1 March.
  return day.month() == date.month() ? day : day - 1;
}

}  // namespace

LocalDay DayOf(int64_t time, const absl::TimeZone& zone) {
  const LocalDay day = absl::ToCivilDay(absl::FromUnixMicros(time), zone) - kEpoch;
  // Clocks that went back over midnight show a date again that has ended.
  return StartOf(day + 1, zone) <= time ? day + 1 : day;
}

int64_t StartOf(LocalDay day, const absl::TimeZone& zone) {
  const absl::TimeZone::TimeInfo midnight = zone.At(absl::CivilSecond(CivilOf(day)));
  const bool is_skipped = midnight.kind == absl::TimeZone::TimeInfo::SKIPPED;
  return absl::ToUnixMicros(is_skipped ? midnight.trans : midnight.pre);
}

LocalDay MondayOf(LocalDay day) {
  const LocalDay since_monday = ((day + 3) % 7 + 7) % 7;  // 1970 began on a Thursday
  return day - since_monday;
}

LocalDay FirstOfMonth(LocalDay day) {
  return absl::CivilDay(absl::CivilMonth(CivilOf(day))) - kEpoch;
}

LocalDay FirstOfNextMonth(LocalDay day) {
  return absl::CivilDay(absl::CivilMonth(CivilOf(day)) + 1) - kEpoch;
}

LocalDay FirstOfYear(int64_t year) { return absl::CivilDay(year, 1, 1) - kEpoch; }

int64_t YearAt(LocalDay day) { return CivilOf(day).year(); }

int HourOf(int64_t time, const absl::TimeZone& zone) {
  return absl::ToCivilSecond(absl::FromUnixMicros(time), zone).hour();
}

int64_t DaysToAnniversary(LocalDay date, LocalDay day) {
  const absl::CivilDay today = CivilOf(day);
  const absl::CivilDay birth = CivilOf(date);
  const absl::CivilDay this_year = AnniversaryIn(today.year(), birth);
  const absl::CivilDay next =
      this_year >= today ? this_year : AnniversaryIn(today.year() + 1, birth);
  return next - today;
}

int64_t YearsBetween(LocalDay date, LocalDay day) {
  const absl::CivilDay begin = CivilOf(date);
  const absl::CivilDay end = CivilOf(day);
  const int64_t years = end.year() - begin.year();
  return AnniversaryIn(end.year(), begin) > end ? years - 1 : years;
}

}  // namespace batuta::feature

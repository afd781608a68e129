#include "feature/date.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string_view>

#include "absl/time/time.h"
#include "base/status.h"
#include "base/time.h"
#include "feature/local_calendar.h"

namespace batuta::feature {
namespace {

constexpr size_t kDateSize = 10;  // of "1990-05-17"
constexpr int kYearMin = 1;
constexpr int kYearMax = 9999;

// Of ages from `first` on. 13 and 18 are where most laws draw a line for children; the others are
// those of the trade.
struct Band {
  int first;
  std::string_view name;
};
constexpr std::array<Band, 8> kBands = {{{0, "0-12"},
                                         {13, "13-17"},
                                         {18, "18-24"},
                                         {25, "25-34"},
                                         {35, "35-44"},
                                         {45, "45-54"},
                                         {55, "55-64"},
                                         {65, "65+"}}};

std::string_view BandOf(int64_t age) {
  std::string_view name = kBands[0].name;
  for (const Band& band : kBands) {
    if (age >= band.first) name = band.name;
  }
  return name;
}

bool IsOfAge(const FeatureSpec& spec) {
  return spec.aggregate == Aggregate::kAge || spec.aggregate == Aggregate::kAgeBand;
}

std::optional<LocalDay> DateOf(const base::Value* trait, const absl::TimeZone& zone) {
  if (trait == nullptr || trait->kind_case() != base::Value::kText) return std::nullopt;
  const auto time = base::ParseTime(trait->text());
  if (!time.ok()) return std::nullopt;
  const bool is_date = trait->text().size() == kDateSize;
  return DayOf(time->micros, is_date ? absl::UTCTimeZone() : zone);
}

std::optional<int> YearOf(const base::Value* trait) {
  if (trait == nullptr || trait->kind_case() != base::Value::kNumber) return std::nullopt;
  const double year = trait->number();
  if (!(year >= kYearMin && year <= kYearMax) || std::floor(year) != year) return std::nullopt;
  return static_cast<int>(year);
}

// What is known of when somebody was born: a day, or the year alone.
struct Birth {
  std::optional<LocalDay> day;
  int year = 0;

  // The first day of which it is known that they were born before its end.
  LocalDay Known() const { return day.value_or(FirstOfYear(year)); }
};

std::optional<Birth> BirthOf(const FeatureSpec& spec, const Moment& moment,
                             const TraitSource& traits) {
  const base::Value* trait = traits.Find(spec.trait);
  if (const auto day = DateOf(trait, moment.zone)) return Birth{.day = day};
  const std::optional<int> year = YearOf(trait);
  if (!year.has_value()) return std::nullopt;
  return Birth{.day = std::nullopt, .year = *year};
}

int64_t AgeOf(const Birth& birth, LocalDay today) {
  if (birth.day.has_value()) return YearsBetween(*birth.day, today);
  return std::max<int64_t>(YearAt(today) - birth.year - 1, 0);
}

expr::Value Absent() {
  return expr::Value::Error(expr::ErrorCode::kAbsent, "the trait is no date", true);
}

expr::Value OfBirth(const FeatureSpec& spec, const Moment& moment, const TraitSource& traits) {
  const std::optional<Birth> birth = BirthOf(spec, moment, traits);
  const LocalDay today = DayOf(moment.now.micros, moment.zone);
  if (!birth.has_value() || birth->Known() > today) return Absent();
  const int64_t age = AgeOf(*birth, today);
  if (spec.aggregate == Aggregate::kAge) return expr::Value::Int(age);
  return expr::Value::Text(BandOf(age));
}

}  // namespace

expr::Value OfDate(const FeatureSpec& spec, const Moment& moment, const TraitSource& traits) {
  if (IsOfAge(spec)) return OfBirth(spec, moment, traits);
  const std::optional<LocalDay> date = DateOf(traits.Find(spec.trait), moment.zone);
  if (!date) return Absent();
  const LocalDay today = DayOf(moment.now.micros, moment.zone);
  switch (spec.aggregate) {
    case Aggregate::kDaysUntilDate:
      return expr::Value::Int(*date - today);
    case Aggregate::kDaysSinceDate:
      return expr::Value::Int(today - *date);
    case Aggregate::kAnniversary:
      return expr::Value::Int(DaysToAnniversary(*date, today));
    default:
      BATUTA_CHECK(false, "not an aggregate of a trait");
  }
}

base::Time NextOfDate(const FeatureSpec& spec, const Moment& moment, const TraitSource& traits) {
  const LocalDay today = DayOf(moment.now.micros, moment.zone);
  if (!IsOfAge(spec)) {
    const bool is_dated = DateOf(traits.Find(spec.trait), moment.zone).has_value();
    return is_dated ? base::Time{StartOf(today + 1, moment.zone)} : base::kDistantFuture;
  }
  const std::optional<Birth> birth = BirthOf(spec, moment, traits);
  if (!birth.has_value()) return base::kDistantFuture;
  LocalDay next = birth->Known();
  if (next <= today) {
    next = birth->day.has_value() ? today + 1 + DaysToAnniversary(*birth->day, today + 1)
                                  : FirstOfYear(YearAt(today) + 1);
  }
  return {StartOf(next, moment.zone)};
}

}  // namespace batuta::feature

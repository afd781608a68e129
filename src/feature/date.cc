#include "feature/date.h"

#include <optional>

#include "absl/time/time.h"
#include "base/status.h"
#include "base/time.h"
#include "feature/local_calendar.h"

namespace batuta::feature {
namespace {

constexpr size_t kDateSize = 10;  // of "1990-05-17"

std::optional<LocalDay> DateOf(const base::Value* trait, const absl::TimeZone& zone) {
  if (trait == nullptr || trait->kind_case() != base::Value::kText) return std::nullopt;
  const auto time = base::ParseTime(trait->text());
  if (!time.ok()) return std::nullopt;
  const bool is_date = trait->text().size() == kDateSize;
  return DayOf(time->micros, is_date ? absl::UTCTimeZone() : zone);
}

}  // namespace

expr::Value OfDate(const FeatureSpec& spec, const Moment& moment, const TraitSource& traits) {
  const std::optional<LocalDay> date = DateOf(traits.Find(spec.trait), moment.zone);
  if (!date) {
    return expr::Value::Error(expr::ErrorCode::kAbsent, "the trait is no date", true);
  }
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

}  // namespace batuta::feature

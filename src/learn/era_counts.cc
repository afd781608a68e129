#include "learn/era_counts.h"

#include <algorithm>
#include <cmath>

#include "base/math.h"

namespace batuta::learn {
namespace {

constexpr int64_t kWeekMicros = base::Days(7).micros;
constexpr double kFirstWeek = 1 << 20;
constexpr double kEraHalfLives = 8;
constexpr int64_t kErasKept = 2;
constexpr base::Duration kRecentHalfLife = base::Days(7);
constexpr double kLeastWeeksForRecent = 4;
// From a break on eras are numbered from the next multiple of this on: more than there ever are.
constexpr int64_t kErasOfBreak = int64_t{1} << 20;

int64_t FloorDivide(int64_t a, int64_t b) {
  const int64_t quotient = a / b;
  return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

// Of those that `counts` by the clock.
template <typename Predicate>
Bin SumOf(EraCounts counts, const EraClock& clock, base::Time now, Predicate is_counted) {
  Bin sum;
  for (const EraCount& entry : counts) {
    if (entry.era >= kRecentFrom || !is_counted(entry.era)) continue;
    const double worth = clock.WorthOf(entry.era, now);
    sum.positives += worth * static_cast<double>(entry.positives);
    sum.negatives += worth * static_cast<double>(entry.negatives);
  }
  return {std::max(0.0, sum.positives), std::max(0.0, sum.negatives)};
}

}  // namespace

EraClock::EraClock(base::Duration half_life, absl::Span<const int64_t> breaks)
    : half_life_weeks_(static_cast<double>(half_life.micros) / static_cast<double>(kWeekMicros)),
      era_weeks_(std::max<int64_t>(1, static_cast<int64_t>(kEraHalfLives * half_life_weeks_))),
      breaks_(breaks.begin(), breaks.end()) {}

int64_t EraClock::WeekOf(base::Time time) { return FloorDivide(time.micros, kWeekMicros); }

int64_t EraClock::PlainEraOf(base::Time time) const {
  return half_life_weeks_ > 0 ? FloorDivide(WeekOf(time), era_weeks_) : 0;
}

int64_t EraClock::EraOf(base::Time time) const {
  const auto before = std::lower_bound(breaks_.begin(), breaks_.end(), time.micros);
  return PlainEraOf(time) + (before - breaks_.begin()) * kErasOfBreak;
}

bool EraClock::IsSinceBreak(int64_t era) const {
  return era >= static_cast<int64_t>(breaks_.size()) * kErasOfBreak || breaks_.empty();
}

int64_t EraClock::CountOf(base::Time time) const {
  if (half_life_weeks_ <= 0) return static_cast<int64_t>(kFirstWeek);
  const auto week = static_cast<double>(WeekOf(time) - PlainEraOf(time) * era_weeks_);
  return static_cast<int64_t>(std::floor(kFirstWeek * base::Pow(2, week / half_life_weeks_) + 0.5));
}

double EraClock::WorthOf(int64_t era, base::Time now) const {
  if (half_life_weeks_ <= 0) return 1 / kFirstWeek;
  const int64_t plain = era < 0 ? era : era % kErasOfBreak;
  if (PlainEraOf(now) - plain > kErasKept) return 0;
  const auto age = static_cast<double>(WeekOf(now) - plain * era_weeks_);
  return base::Pow(2, -age / half_life_weeks_) / kFirstWeek;
}

std::optional<EraClock> EraClock::Recent() const {
  if (half_life_weeks_ <= kLeastWeeksForRecent) return std::nullopt;
  return EraClock(kRecentHalfLife);
}

EraClock EraClock::WithOlder(double older) const {
  EraClock clock = *this;
  clock.older_ = older;
  return clock;
}

Bin RecentWorth(EraCounts counts, const EraClock& clock, base::Time now) {
  Bin sum;
  const std::optional<EraClock> recent = clock.Recent();
  for (const EraCount& entry : counts) {
    if (entry.era < kRecentFrom || !recent.has_value()) continue;
    const double worth = recent->WorthOf(entry.era - kRecentFrom, now);
    sum.positives += worth * static_cast<double>(entry.positives);
    sum.negatives += worth * static_cast<double>(entry.negatives);
  }
  return {std::max(0.0, sum.positives), std::max(0.0, sum.negatives)};
}

Bin SinceBreakWorth(EraCounts counts, const EraClock& clock, base::Time now) {
  return SumOf(counts, clock, now, [&](int64_t era) { return clock.IsSinceBreak(era); });
}

Bin NewerWorth(EraCounts counts, const EraClock& clock, base::Time now) {
  const Bin recent = RecentWorth(counts, clock, now);
  if (!clock.HasBreaks()) return recent;
  const Bin since = SinceBreakWorth(counts, clock, now);
  return since.Total() < recent.Total() ? recent : since;
}

Bin Worth(EraCounts counts, const EraClock& clock, base::Time now) {
  const Bin all = SumOf(counts, clock, now, [](int64_t) { return true; });
  if (clock.older() == 1) return all;
  const Bin known = NewerWorth(counts, clock, now);
  const auto held = [&](double of_all, double of_newer) {
    const double newer = std::min(of_all, of_newer);
    return newer + clock.older() * (of_all - newer);
  };
  return {held(all.positives, known.positives), held(all.negatives, known.negatives)};
}

bool IsWorthless(int64_t era, const EraClock& clock, base::Time now) {
  if (era < kRecentFrom) return clock.WorthOf(era, now) <= 0;
  const std::optional<EraClock> recent = clock.Recent();
  return !recent.has_value() || recent->WorthOf(era - kRecentFrom, now) <= 0;
}

}  // namespace batuta::learn

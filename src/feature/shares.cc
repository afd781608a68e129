#include "feature/shares.h"

#include <algorithm>

#include "absl/container/inlined_vector.h"
#include "base/math.h"
#include "feature/local_calendar.h"

namespace batuta::feature {
namespace {

constexpr size_t kHours = 24;

bool IsOfHours(const FeatureSpec& spec) {
  return spec.aggregate == Aggregate::kPreferredHour || spec.aggregate == Aggregate::kHourDrift;
}

struct Bin {
  int64_t count = 0;
  int64_t recent = 0;  // of these
  int newest = -1;     // entry
};
using Bins = absl::InlinedVector<Bin, 32>;

Bins BinsOf(const FeatureSpec& spec, const FeatureState& state, int begin, const Moment& moment) {
  const bool is_of_hours = IsOfHours(spec);
  Bins bins(is_of_hours ? kHours : static_cast<size_t>(state.words_size()));
  const int64_t recent_from = (moment.now - spec.argument).micros + 1;
  for (int i = begin; i < state.time_size(); ++i) {
    const size_t bin =
        is_of_hours ? static_cast<size_t>(HourOf(state.time(i), moment.zone)) : state.word(i);
    ++bins[bin].count;
    bins[bin].recent += state.time(i) >= recent_from ? 1 : 0;
    bins[bin].newest = i;
  }
  return bins;
}

// Of words that are as frequent the one that was there last, of hours the earliest.
size_t Top(const Bins& bins, bool is_of_hours) {
  size_t top = 0;
  for (size_t i = 1; i < bins.size(); ++i) {
    const bool is_newer = !is_of_hours && bins[i].newest > bins[top].newest;
    if (bins[i].count > bins[top].count || (bins[i].count == bins[top].count && is_newer)) top = i;
  }
  return top;
}

double Share(int64_t count, int64_t total) {
  return static_cast<double>(count) / static_cast<double>(total);
}

// p log2(p / m), 0 of 0.
double Information(double p, double m) { return p == 0 ? 0 : p * base::Log2(p / m); }

expr::Value Drift(const Bins& bins) {
  int64_t total = 0;
  int64_t recent = 0;
  for (const Bin& bin : bins) {
    total += bin.count;
    recent += bin.recent;
  }
  if (recent == 0) {
    return expr::Value::Error(expr::ErrorCode::kAbsent, "there is no such event of late", true);
  }
  double divergence = 0;
  for (const Bin& bin : bins) {
    const double p = Share(bin.recent, recent);
    const double q = Share(bin.count, total);
    const double m = (p + q) / 2;
    divergence += (Information(p, m) + Information(q, m)) / 2;
  }
  return expr::Value::Double(base::Sqrt(std::clamp(divergence, 0.0, 1.0)));
}

}  // namespace

expr::Value OfShares(const FeatureSpec& spec, const FeatureState& state, int begin,
                     const Moment& moment) {
  const Bins bins = BinsOf(spec, state, begin, moment);
  if (spec.aggregate == Aggregate::kDrift || spec.aggregate == Aggregate::kHourDrift) {
    return Drift(bins);
  }
  const size_t top = Top(bins, IsOfHours(spec));
  switch (spec.aggregate) {
    case Aggregate::kTop:
      return expr::Value::OfJson(state.words(static_cast<int>(top)));
    case Aggregate::kTopShare:
      return expr::Value::Double(Share(bins[top].count, state.time_size() - begin));
    default:
      return expr::Value::Int(static_cast<int64_t>(top));
  }
}

}  // namespace batuta::feature

#include "feature/value.h"

#include <algorithm>
#include <limits>

#include "base/status.h"
#include "expr/calendar.h"
#include "feature/date.h"
#include "feature/decay.h"
#include "feature/exact_sum.h"
#include "feature/shares.h"
#include "feature/sketch.h"

namespace batuta::feature {
namespace {

expr::Value Absent() {
  return expr::Value::Error(expr::ErrorCode::kAbsent, "there is no such event", true);
}

// What the aggregates that count events look at: the times of those in the window, ascending.
struct Times {
  const int64_t* begin = nullptr;
  const int64_t* end = nullptr;
  int64_t count() const { return end - begin; }
  bool empty() const { return begin == end; }
};

Times TimesFrom(const Times& times, int64_t first) {
  return {std::lower_bound(times.begin, times.end, first), times.end};
}

int64_t DaysBetween(int64_t earlier, base::Time later) {
  return (later - base::Time{earlier}).micros / base::Days(1).micros;
}

int64_t LengthOf(const Window& window) {
  return window.kind == Window::Kind::kLastDays ? base::Days(window.days).micros
                                                : window.length.micros;
}

// Of the window's newer half, which is (now - length / 2, now].
int64_t FirstInNewerHalf(const Window& window, base::Time now) {
  return (now - base::Duration{window.length.micros / 2}).micros + 1;
}

double Trend(const Times& times, const Window& window, base::Time now) {
  const int64_t newer = TimesFrom(times, FirstInNewerHalf(window, now)).count();
  const int64_t older = times.count() - newer;
  if (times.empty()) return 0;
  return static_cast<double>(newer - older) / static_cast<double>(times.count());
}

double Rate(const Times& times, const FeatureSpec& spec) {
  return static_cast<double>(times.count()) * static_cast<double>(spec.argument.micros) /
         static_cast<double>(LengthOf(spec.window));
}

// Of what happened at these times alone.
expr::Value OfTimes(const Feature& feature, const Times& times, const Moment& moment) {
  switch (feature.spec.aggregate) {
    case Aggregate::kCount:
    case Aggregate::kDistinct:
    case Aggregate::kSessions:
      return expr::Value::Int(times.count());
    case Aggregate::kExists:
    case Aggregate::kFirstEver:
      return expr::Value::Bool(!times.empty());
    case Aggregate::kFirst:
      return times.empty() ? Absent() : expr::OfTime({*times.begin});
    case Aggregate::kLast:
      return times.empty() ? Absent() : expr::OfTime({*(times.end - 1)});
    case Aggregate::kDaysSince:
      if (times.empty()) return Absent();
      return expr::Value::Int(DaysBetween(*(times.end - 1), moment.now));
    case Aggregate::kRate:
      return expr::Value::Double(Rate(times, feature.spec));
    case Aggregate::kTrend:
      return expr::Value::Double(Trend(times, feature.spec.window, moment.now));
    default:
      BATUTA_CHECK(false, "the aggregate looks at more than times");
  }
}

expr::Value OfPattern(const Feature& feature, const FeatureState* state, const Moment& moment) {
  absl::InlinedVector<int64_t, 16> counted;
  if (state != nullptr) {
    const int64_t first = moment.FirstIn(feature.spec.window);
    for (const Completion& done : FindCompletions(feature.pattern, feature.plan, *state)) {
      if (done.time >= first && done.known_at <= moment.now.micros) counted.push_back(done.time);
    }
  }
  return OfTimes(feature, {counted.data(), counted.data() + counted.size()}, moment);
}

// Of entries from index `begin` on.
double Sum(const FeatureState& state, int begin) {
  return ExactSumOf({state.number().data() + begin, state.number().data() + state.number_size()});
}

expr::Value OfTotals(const Feature& feature, const FeatureState* state) {
  const int64_t count = state == nullptr ? 0 : static_cast<int64_t>(state->count());
  if (feature.spec.aggregate == Aggregate::kCount) return expr::Value::Int(count);
  const double sum = state == nullptr ? 0 : ExactSum(state->sum()).Round();
  if (feature.spec.aggregate == Aggregate::kSum) return expr::Value::Double(sum);
  return count == 0 ? Absent() : expr::Value::Double(sum / static_cast<double>(count));
}

expr::Value WordAt(const FeatureState& state, int index) {
  return expr::Value::OfJson(state.words(static_cast<int>(state.word(index))));
}

expr::Value OfEntries(const Feature& feature, const FeatureState& state, const Moment& moment) {
  const FeatureSpec& spec = feature.spec;
  const int64_t* times = state.time().data();
  const Times all{times, times + state.time_size()};
  const Times in = TimesFrom(all, moment.FirstIn(spec.window));
  const int begin = static_cast<int>(in.begin - times);
  switch (spec.aggregate) {
    case Aggregate::kSum:
      return expr::Value::Double(Sum(state, begin));
    case Aggregate::kAverage:
      if (in.empty()) return Absent();
      return expr::Value::Double(Sum(state, begin) / static_cast<double>(in.count()));
    case Aggregate::kMin:
    case Aggregate::kMax:
      return in.empty() ? Absent() : expr::Value::Double(state.number(begin));
    case Aggregate::kFirst:
    case Aggregate::kLast:
      if (spec.value.empty()) return OfTimes(feature, in, moment);
      if (in.empty()) return Absent();
      return WordAt(state, spec.aggregate == Aggregate::kFirst ? begin : state.time_size() - 1);
    case Aggregate::kTop:
    case Aggregate::kTopShare:
    case Aggregate::kDrift:
    case Aggregate::kPreferredHour:
    case Aggregate::kHourDrift:
      return in.empty() ? Absent() : OfShares(spec, state, begin, moment);
    default:
      return OfTimes(feature, in, moment);
  }
}

// The first time in the window at which a count over `times` changes: as the oldest leaves, as one
// goes from the newer half to the older, as another day is over.
int64_t NextOfTimes(const FeatureSpec& spec, const Times& in, const Moment& moment) {
  if (in.empty()) return base::kDistantFuture.micros;
  const bool is_of_newest = spec.aggregate == Aggregate::kExists ||
                            spec.aggregate == Aggregate::kDaysSince ||
                            (spec.aggregate == Aggregate::kLast && spec.value.empty());
  const int64_t last = *(in.end - 1);
  int64_t next = moment.LeaveTime(spec.window, is_of_newest ? last : *in.begin);
  if (spec.aggregate == Aggregate::kDaysSince) {
    const int64_t days = DaysBetween(last, moment.now) + 1;
    next = std::min(next, (base::Time{last} + base::Days(days)).micros);
  }
  base::Duration inner;  // of the window's newer part
  if (spec.aggregate == Aggregate::kTrend) inner = {spec.window.length.micros / 2};
  if (spec.aggregate == Aggregate::kDrift || spec.aggregate == Aggregate::kHourDrift) {
    inner = spec.argument;
  }
  if (inner.micros > 0) {
    const Times newer = TimesFrom(in, (moment.now - inner).micros + 1);
    if (!newer.empty()) next = std::min(next, (base::Time{*newer.begin} + inner).micros);
  }
  return next;
}

int64_t NextOfPattern(const Feature& feature, const FeatureState& state, const Moment& moment) {
  absl::InlinedVector<int64_t, 16> counted;
  int64_t next = base::kDistantFuture.micros;
  const int64_t first = moment.FirstIn(feature.spec.window);
  for (const Completion& done : FindCompletions(feature.pattern, feature.plan, state)) {
    if (done.time < first) continue;
    if (done.known_at > moment.now.micros) {
      next = std::min(next, done.known_at);
    } else {
      counted.push_back(done.time);
    }
  }
  const Times times{counted.data(), counted.data() + counted.size()};
  return std::min(next, NextOfTimes(feature.spec, times, moment));
}

// When nothing that was dropped matters any more: then the value can be told again.
base::Time NextTold(const Feature& feature, const FeatureState& state, const Moment& moment) {
  const base::Time gone = base::Time{state.dropped().time()} + feature.plan.lookback;
  return {moment.LeaveTime(feature.spec.window, gone.micros)};
}

}  // namespace

Feature::Feature(FeatureSpec from)
    : spec(std::move(from)),
      number(NumberOf(spec)),
      type(TypeOf(spec)),
      pattern(PatternOf(spec)),
      plan(PlanOf(spec, static_cast<int>(pattern.columns.size()))) {}

expr::Value Untold(const char* reason) {
  return expr::Value::Error(expr::ErrorCode::kAbsent, reason, false);
}

bool NeedsHistory(const Feature& feature, const FeatureState* state, const Moment& moment) {
  if (state == nullptr || !state->has_dropped()) return false;
  const base::Time first{moment.FirstIn(feature.spec.window)};
  return base::Time{state->dropped().time()} >= first - feature.plan.lookback;
}

expr::Value ValueOf(const Feature& feature, const FeatureState* state, const Moment& moment,
                    const TraitSource& traits) {
  switch (feature.plan.keep) {
    case Keep::kNothing:
      return OfDate(feature.spec, moment, traits);
    case Keep::kTotals:
      return OfTotals(feature, state);
    case Keep::kSketch:
      return expr::Value::Double(state == nullptr ? 0 : EstimateDistinct(*state));
    case Keep::kDecay:
      return expr::Value::Double(
          state == nullptr ? 0 : Decayed(*state, moment.now, feature.spec.argument));
    default:
      break;
  }
  if (feature.spec.is_pattern()) return OfPattern(feature, state, moment);
  return OfEntries(feature, state == nullptr ? FeatureState::default_instance() : *state, moment);
}

base::Time NextChange(const Feature& feature, const FeatureState* state, const Moment& moment,
                      const TraitSource& traits) {
  const Keep keep = feature.plan.keep;
  if (keep == Keep::kNothing) return NextOfDate(feature.spec, moment, traits);
  if (NeedsHistory(feature, state, moment)) return NextTold(feature, *state, moment);
  if (state == nullptr || keep == Keep::kTotals || keep == Keep::kSketch) {
    return base::kDistantFuture;
  }
  if (keep == Keep::kDecay) {
    const bool is_zero = Decayed(*state, moment.now, feature.spec.argument) == 0;
    return is_zero ? base::kDistantFuture : base::Time{NextStep(moment.now, feature.spec.argument)};
  }
  if (feature.spec.is_pattern()) return {NextOfPattern(feature, *state, moment)};
  const int64_t* times = state->time().data();
  const Times in =
      TimesFrom({times, times + state->time_size()}, moment.FirstIn(feature.spec.window));
  return {NextOfTimes(feature.spec, in, moment)};
}

}  // namespace batuta::feature

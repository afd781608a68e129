#include "feature/plan.h"

#include <limits>

#include "feature/local_calendar.h"
#include "feature/moment.h"

namespace batuta::feature {
namespace {

Keep KeepOf(const FeatureSpec& spec) {
  if (spec.is_of_trait()) return Keep::kNothing;
  if (spec.is_pattern()) return Keep::kAll;
  if (spec.once_per.micros > 0) return Keep::kNewestPerKey;
  const bool is_ever = spec.window.kind == Window::Kind::kEver;
  switch (spec.aggregate) {
    case Aggregate::kCount:
    case Aggregate::kSum:
    case Aggregate::kAverage:
      return is_ever ? Keep::kTotals : Keep::kAll;
    case Aggregate::kMin:
    case Aggregate::kMax:
      return is_ever ? Keep::kBest : Keep::kStairs;
    case Aggregate::kFirst:
      return is_ever ? Keep::kOldest : Keep::kAll;
    case Aggregate::kFirstEver:
      return Keep::kOldest;
    case Aggregate::kLast:
    case Aggregate::kExists:
    case Aggregate::kDaysSince:
      return Keep::kNewest;
    case Aggregate::kDistinct:
      return Keep::kNewestPerKey;
    case Aggregate::kSessions:
      return Keep::kRuns;
    case Aggregate::kApproxDistinct:
      return Keep::kSketch;
    case Aggregate::kApproxDecay:
      return Keep::kDecay;
    default:
      return Keep::kAll;
  }
}

bool WantsNumber(Aggregate aggregate) {
  return aggregate == Aggregate::kSum || aggregate == Aggregate::kAverage ||
         aggregate == Aggregate::kMin || aggregate == Aggregate::kMax ||
         aggregate == Aggregate::kApproxDecay;
}

bool WantsWord(const FeatureSpec& spec) {
  switch (spec.aggregate) {
    case Aggregate::kTop:
    case Aggregate::kTopShare:
    case Aggregate::kDrift:
      return true;
    case Aggregate::kFirst:
    case Aggregate::kLast:
      return !spec.value.empty();
    default:
      return false;
  }
}

}  // namespace

Plan PlanOf(const FeatureSpec& spec, int pattern_keys) {
  Plan plan;
  plan.keep = KeepOf(spec);
  plan.window = spec.window;
  plan.is_forever =
      spec.window.kind == Window::Kind::kEver || spec.aggregate == Aggregate::kFirstEver;
  if (spec.steps.size() > 1) plan.lookback = spec.span;
  if (plan.keep == Keep::kRuns) plan.lookback = spec.argument;
  plan.is_least_best = spec.aggregate == Aggregate::kMin;
  plan.has_line = !spec.each.empty();
  plan.has_number = WantsNumber(spec.aggregate);
  plan.has_word = WantsWord(spec);
  plan.has_steps = spec.is_pattern();
  plan.keys = spec.is_pattern() ? pattern_keys : plan.keep == Keep::kNewestPerKey ? 1 : 0;
  plan.unit = spec.argument;
  return plan;
}

int64_t HorizonOf(const Plan& plan, base::Time now) {
  if (plan.is_forever) return std::numeric_limits<int64_t>::min();
  const base::Time floor = plan.window.kind == Window::Kind::kWithin
                               ? now - plan.window.length
                               : EarliestStart(plan.window, now) - base::Micros(1);
  return (floor - plan.lookback).micros;
}

}  // namespace batuta::feature

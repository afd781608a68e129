// What a feature is at a moment, and when it will next be something else though nothing happens.
//
// README.md has the formula of each aggregate. What there is nothing to say of (the maximum of no
// orders) is an error of kAbsent, which makes a rule unknown rather than wrong. Deterministic.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/time.h"
#include "base/value.pb.h"
#include "expr/value.h"
#include "feature/feature.pb.h"
#include "feature/moment.h"
#include "feature/pattern.h"
#include "feature/plan.h"
#include "feature/spec.h"

namespace batuta::feature {

// A spec, ready to be used.
struct Feature {
  explicit Feature(FeatureSpec from);

  FeatureSpec spec;
  uint64_t number;
  FeatureType type;
  Pattern pattern;
  Plan plan;
};

// The traits that features of dates read.
class TraitSource {
 public:
  virtual ~TraitSource() = default;
  // Null if it is not there. "address.since" follows objects.
  virtual const base::Value* Find(std::string_view path) const = 0;
};

// In the place of a value that cannot be told, with the reason: a rule that reads it is unknown,
// also one that asks if it is there.
inline constexpr const char* kOverfull = "there are more events than the record keeps";
inline constexpr const char* kUncounted = "what happened before is not counted yet";
expr::Value Untold(const char* reason);

// If the record has dropped entries that the value depends on: then Value is not right, and the
// state has to be made anew from the person's history (FeatureFold::Rebuild of set.h).
bool NeedsHistory(const Feature& feature, const FeatureState* state, const Moment& moment);

// `state` is null if there is none: nothing happened. Texts live as long as `state` is unchanged.
expr::Value ValueOf(const Feature& feature, const FeatureState* state, const Moment& moment,
                    const TraitSource& traits);

// The value stays the same from now until just before this time, if nothing is taken and the zone
// and the traits stay; kDistantFuture if it never changes. It is the time of the change, or of one
// that might have been (a value of 0 leaving a sum).
base::Time NextChange(const Feature& feature, const FeatureState* state, const Moment& moment,
                      const TraitSource& traits);

}  // namespace batuta::feature

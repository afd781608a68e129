// The moment at which the features of a person are read.
#pragma once

#include "base/time.h"
#include "engine/definitions.h"
#include "feature/moment.h"
#include "profile/profile.pb.h"
#include "rule/features.h"

namespace batuta::engine {

using rule::PersonTraits;

// `now` in the person's zone, or else the company's.
inline feature::Moment MomentOf(const Definitions& definitions, const profile::Profile& profile,
                                base::Time now) {
  return rule::MomentOf(definitions.rules, definitions.features->zone(), profile, now);
}

}  // namespace batuta::engine

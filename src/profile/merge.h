// The union of two profiles, when two persons turn out to be one.
//
// Laws: commutative and associative in logical content (HashInto of hash.h), and equal to applying
// all events to one profile in any order. Traits, consents, preferences, groups, first and last
// seen are also idempotent; counters and the timeline add up, so each person's history is absorbed
// once. The layout of timeline blocks is not logical content.
//
// Pure: moving the rows of blocks is the caller's, as TimelineChanges says.
#pragma once

#include "profile/profile.pb.h"
#include "profile/survivorship.h"
#include "profile/timeline.h"

namespace batuta::profile {

TimelineChanges Merge(const Rules& rules, const Profile& from, Profile& into);

}  // namespace batuta::profile

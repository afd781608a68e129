#include "profile/merge.h"

#include <algorithm>

#include "base/status.h"
#include "profile/consent.h"
#include "profile/counter.h"
#include "profile/group.h"
#include "profile/preference.h"

namespace batuta::profile {

TimelineChanges Merge(const Rules& rules, const Profile& from, Profile& into) {
  BATUTA_CHECK(&from != &into);
  MergeTraits(rules, from.traits(), *into.mutable_traits());
  MergeCounters(from, into);
  MergeConsents(from, into);
  MergePreferences(from, into);
  MergeMemberships(from, into);
  if (from.has_first_seen()) {
    into.set_first_seen(into.has_first_seen() ? std::min(into.first_seen(), from.first_seen())
                                              : from.first_seen());
  }
  if (from.has_last_seen()) {
    into.set_last_seen(into.has_last_seen() ? std::max(into.last_seen(), from.last_seen())
                                            : from.last_seen());
  }
  return MergeTimeline(from.timeline(), *into.mutable_timeline());
}

}  // namespace batuta::profile

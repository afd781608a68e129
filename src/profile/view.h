// A profile as people see it: traits with source, time and rule, counters, consents, preferences,
// groups; and the fast look-up of a trait for decisions.
//
// Does not include the timeline, whose records lie elsewhere (timeline.h pages their positions).
// Pure, apart from what `unseal` does.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "base/value.pb.h"
#include "profile/profile.pb.h"
#include "profile/survivorship.h"

namespace batuta::profile {

// The winner's value, nullptr if the trait is absent. Possibly sealed. Borrowed from the profile.
const base::Value* Trait(const Rules& rules, const Profile& profile, std::string_view name);

// All values under `list` (newest first), else the one of Trait, if there is one.
std::vector<const base::Value*> TraitValues(const Rules& rules, const Profile& profile,
                                            std::string_view name);

// The value that was sealed, of whatever kind it was stated; nullopt if its key is gone or the
// reader may not see it.
using Unseal = std::function<std::optional<base::Value>(const base::Sealed&)>;

// An object in camelCase, times in RFC 3339: {traits: {NAME: {value, source, time, rule, …}},
// counters: {NAME: {count, first, last}}, consents: […], preferences: […], groups: […], firstSeen,
// lastSeen, timelineCount}. A value that `unseal` does not open is {"sealed": true}.
base::Value View(const Rules& rules, const Profile& profile, const Unseal& unseal);

// The same of a group's own row: {id, traits, members}.
base::Value ViewGroup(const Rules& rules, const GroupRow& row, const Unseal& unseal);

}  // namespace batuta::profile

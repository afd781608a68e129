// Counters: how often an event of one name happened, first and last when.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/ids.h"
#include "base/time.h"
#include "profile/profile.pb.h"

namespace batuta::profile {

inline constexpr int kMaxCounters = 1000;  // beyond that the smaller names stay
inline constexpr size_t kMaxEventNameBytes = 256;

// Counts one event. Names of 0 or more than 256 bytes are not counted.
void CountEvent(std::string_view name, base::Time event_time, base::Position position,
                Profile& profile);

// Adds up. Requires: no event was counted in both.
void MergeCounters(const Profile& from, Profile& into);

// nullptr if the event never happened.
const Counter* FindCounter(const Profile& profile, std::string_view name);

}  // namespace batuta::profile

// What one event does to a profile: traits, counters, consents, preferences, groups, timeline,
// first and last seen.
//
// The outcome depends on the set of events, not on their order. A statement (trait, consent,
// preference, membership) taken twice changes nothing; counters count what they are given, so the
// caller passes each event once (the engine deduplicates before).
//
// Pure: no clock, no I/O; the caller owns the profile and does what TimelineChanges says to its
// rows.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "profile/consent.h"
#include "profile/counter.h"
#include "profile/group.h"
#include "profile/preference.h"
#include "profile/profile.pb.h"
#include "profile/survivorship.h"
#include "profile/timeline.h"

namespace batuta::profile {

enum class EventType : uint8_t { kIdentify = 1, kTrack, kPage, kScreen, kGroup, kAlias };

// Why a change came to be. Only `live` fires triggers.
enum class Cause : uint8_t { kLive = 1, kLate, kImport, kBackfill, kMerge, kErasure };
std::string_view CauseName(Cause cause);  // "live", …

// An event as the profile sees it. Everything is borrowed for the call.
struct EventFacts {
  EventType type = EventType::kTrack;
  std::string_view name;  // of a track, page or screen; may be empty for the latter two
  base::Time event_time;
  base::Time log_time;
  base::Position position;  // of the event's record, where it was first logged
  std::string_view source;
  Cause cause = Cause::kLive;
  // The person's traits. `consents` and `preferences` in them are left out here: they arrive
  // parsed, below. Under a group event the traits are the group's (group.h) and this is nullptr.
  const base::Fields* traits = nullptr;
  std::span<const ConsentStatement> consents;
  std::span<const PreferenceStatement> preferences;
  const GroupStatement* group = nullptr;
};

struct EventChanges {
  Cause cause = Cause::kLive;
  std::vector<std::string_view> traits;  // whose winner changed; views into the event
  bool consents = false;
  bool preferences = false;
  bool groups = false;
  TimelineChanges timeline;
};

// A track counts under its name; pages and screens count under "page" and "screen", and if named
// also under "page: NAME" and "screen: NAME".
EventChanges ApplyEvent(const Rules& rules, const EventFacts& event, Profile& profile);

// Adds a record that is not an event (a decision, an outcome, a message) to the timeline.
TimelineChanges ApplyEntry(const TimelineEntry& entry, Profile& profile);

}  // namespace batuta::profile

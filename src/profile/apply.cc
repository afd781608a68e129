#include "profile/apply.h"

#include <algorithm>
#include <string>

#include "base/status.h"
#include "base/text.h"

namespace batuta::profile {
namespace {

bool IsStatedOtherwise(std::string_view trait) {
  return trait == kConsentsTrait || trait == kPreferencesTrait;
}

void ApplyTraits(const Rules& rules, const EventFacts& event, Profile& profile,
                 EventChanges& changes) {
  if (event.traits == nullptr) return;
  BATUTA_CHECK(event.type != EventType::kGroup, "a group event's traits are the group's");
  const Provenance provenance{.source = event.source,
                              .stamp = MakeStamp(event.event_time, event.log_time, event.position)};
  for (const base::Field& trait : event.traits->fields()) {
    if (IsStatedOtherwise(trait.name())) continue;
    if (StateTrait(rules, trait, provenance, *profile.mutable_traits())) {
      changes.traits.push_back(trait.name());
    }
  }
}

void CountNamed(std::string_view kind, const EventFacts& event, Profile& profile) {
  CountEvent(kind, event.event_time, event.position, profile);
  if (event.name.empty()) return;
  CountEvent(base::StrCat(kind, ": ", event.name), event.event_time, event.position, profile);
}

void ApplyCounters(const EventFacts& event, Profile& profile) {
  switch (event.type) {
    case EventType::kTrack:
      CountEvent(event.name, event.event_time, event.position, profile);
      return;
    case EventType::kPage:
      CountNamed("page", event, profile);
      return;
    case EventType::kScreen:
      CountNamed("screen", event, profile);
      return;
    case EventType::kIdentify:
    case EventType::kGroup:
    case EventType::kAlias:
      return;
  }
}

void Witness(base::Time event_time, Profile& profile) {
  const int64_t micros = event_time.micros;
  if (!profile.has_first_seen() || micros < profile.first_seen()) profile.set_first_seen(micros);
  if (!profile.has_last_seen() || micros > profile.last_seen()) profile.set_last_seen(micros);
}

EntryKind KindOf(EventType type) { return static_cast<EntryKind>(type); }
static_assert(static_cast<uint32_t>(EventType::kAlias) == static_cast<uint32_t>(EntryKind::kAlias));

}  // namespace

std::string_view CauseName(Cause cause) {
  switch (cause) {
    case Cause::kLive:
      return "live";
    case Cause::kLate:
      return "late";
    case Cause::kImport:
      return "import";
    case Cause::kBackfill:
      return "backfill";
    case Cause::kMerge:
      return "merge";
    case Cause::kErasure:
      return "erasure";
  }
  return "unknown";
}

EventChanges ApplyEvent(const Rules& rules, const EventFacts& event, Profile& profile) {
  EventChanges changes;
  changes.cause = event.cause;
  ApplyTraits(rules, event, profile, changes);
  ApplyCounters(event, profile);
  const Stamp stamp = MakeStamp(event.event_time, event.log_time, event.position);
  for (const ConsentStatement& statement : event.consents) {
    changes.consents |= StateConsent(MakeConsent(statement, event.source, stamp), profile);
  }
  for (const PreferenceStatement& statement : event.preferences) {
    changes.preferences |= StatePreference(MakePreference(statement, event.source, stamp), profile);
  }
  if (event.group != nullptr) changes.groups = StateMembership(*event.group, stamp, profile);
  Witness(event.event_time, profile);
  changes.timeline = ApplyEntry(
      {.event_time = event.event_time, .position = event.position, .kind = KindOf(event.type)},
      profile);
  return changes;
}

TimelineChanges ApplyEntry(const TimelineEntry& entry, Profile& profile) {
  return Append(entry, *profile.mutable_timeline());
}

}  // namespace batuta::profile

#include "engine/event_interest.h"

#include <algorithm>

#include "engine/feature_event.h"
#include "profile/counter.h"
#include "profile/timeline.h"

namespace batuta::engine {
namespace {

using profile::EntryKind;

constexpr uint32_t BitOf(EntryKind kind) { return 1u << static_cast<uint32_t>(kind); }

constexpr uint32_t kAllKinds = BitOf(EntryKind::kIdentify) | BitOf(EntryKind::kTrack) |
                               BitOf(EntryKind::kPage) | BitOf(EntryKind::kScreen) |
                               BitOf(EntryKind::kGroup) | BitOf(EntryKind::kAlias);
// Of these there are no counters.
constexpr uint32_t kUncountedKinds =
    BitOf(EntryKind::kIdentify) | BitOf(EntryKind::kGroup) | BitOf(EntryKind::kAlias);

// The kinds of the events that may have the name; see NamesOf.
uint32_t KindsOf(std::string_view name) {
  const uint32_t track = BitOf(EntryKind::kTrack);
  if (name == "identify") return track | BitOf(EntryKind::kIdentify);
  if (name == "group") return track | BitOf(EntryKind::kGroup);
  if (name == "alias") return track | BitOf(EntryKind::kAlias);
  if (name == "page" || name.starts_with("page: ")) return track | BitOf(EntryKind::kPage);
  if (name == "screen" || name.starts_with("screen: ")) return track | BitOf(EntryKind::kScreen);
  return track;
}

}  // namespace

void EventInterest::Add(const feature::FeatureSpec& spec) {
  for (const feature::Step& step : spec.steps) {
    if (step.events.empty()) {
      kinds_ |= kAllKinds;
      has_uncounted_ = true;
    }
    for (const std::string& name : step.events) AddName(name);
  }
  if (!spec.never.has_value()) return;
  // Where nothing comes first nothing has to be followed.
  if (spec.never->events.empty()) kinds_ |= kAllKinds;
  for (const std::string& name : spec.never->events) kinds_ |= KindsOf(name);
}

void EventInterest::AddName(const std::string& name) {
  const uint32_t kinds = KindsOf(name);
  kinds_ |= kinds;
  counters_.insert(name);
  const bool is_counted = !name.empty() && name.size() <= profile::kMaxEventNameBytes;
  has_uncounted_ |= !is_counted || (kinds & kUncountedKinds) != 0;
}

bool EventInterest::IsOf(uint32_t kind) const { return IsEvent(kind) && (kinds_ >> kind & 1) != 0; }

bool EventInterest::MayHave(const profile::Profile& profile, int64_t after) const {
  if (has_uncounted_) return true;
  return std::any_of(counters_.begin(), counters_.end(), [&](const std::string& name) {
    const profile::Counter* counter = profile::FindCounter(profile, name);
    if (counter != nullptr) return counter->last_time() > after;
    return profile.counters_size() >= profile::kMaxCounters;  // this one may have had no room
  });
}

}  // namespace batuta::engine

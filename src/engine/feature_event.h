// A logged event as features see it: the same while it is folded, and when it is read again from
// the history.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "base/value.pb.h"
#include "engine/record.pb.h"
#include "feature/event.h"
#include "feature/set.h"
#include "identity/identity.pb.h"
#include "log/record.h"
#include "profile/apply.h"

namespace batuta::engine {

// Whether an entry of a timeline, by its kind, is an event.
bool IsEvent(uint32_t kind);

// Pages and screens go by two names, as they do in the profile's counters.
struct EventNames {
  std::string name;
  std::string_view kind = {};
};
EventNames NamesOf(profile::EventType type, std::string_view name);

// The same message is another event when it is routed otherwise, as dedup has it; and when its id
// is used again for another payload after dedup forgot it. What arrives again as it was, is the
// same.
uint64_t IdentityOf(std::string_view source, std::string_view message_id,
                    const identity::HashRef& routing, uint64_t payload_hash);

// What is needed of an Event, found in its bytes without making a message of them. Borrows them.
struct EventView {
  // Nothing if the bytes are not an Event's.
  static std::optional<EventView> Of(std::string_view bytes);

  profile::EventType type = profile::EventType::kTrack;
  std::string_view name = {};
  std::string_view source = {};
  std::string_view message_id = {};
  std::string_view identifiers = {};  // identity.EventIdentifiers
  std::string_view properties = {};   // base.Fields
  std::string_view context = {};      // base.Fields
  uint64_t payload_hash = 0;

  uint64_t Identity() const;
};

// Reads logged events for the features of a set, and of those that concern none no more than their
// names. Used by one thread.
class FeatureEventReader {
 public:
  // The set outlives it.
  explicit FeatureEventReader(const feature::FeatureSet& set);

  // The event of the record, which happened at `time` as the timeline has it; null if it is none,
  // or none that concerns the set. Until the next call, and as long as the record is there.
  const feature::Event* Read(const log::Record& record, base::Time time);

 private:
  const feature::FeatureSet& set_;
  bool reads_events_ = false;  // more of them than that they happened
  EventNames names_;
  base::Fields properties_;
  base::Fields context_;
  feature::Event event_;
};

}  // namespace batuta::engine

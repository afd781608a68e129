// A logged event as features see it: the same while it is folded, and when it is read again from
// the history.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/record.pb.h"
#include "identity/identity.pb.h"
#include "profile/apply.h"

namespace batuta::engine {

// Pages and screens go by two names, as they do in the profile's counters.
struct EventNames {
  std::string name;
  std::string_view kind = {};
};
EventNames NamesOf(profile::EventType type, std::string_view name);

// The same message is another event when it is routed otherwise, as dedup has it.
uint64_t IdentityOf(std::string_view source, std::string_view message_id,
                    const identity::HashRef& routing);

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

  uint64_t Identity() const;
};

}  // namespace batuta::engine

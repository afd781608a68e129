// By which of its identifiers a message finds its partition, and then its person.
//
// The routing identifier is a fixed function of the message, never of settings or look-ups, so that
// every node at every time sends the same message to the same log. Where it turns out to be
// blocked, the event goes on, by a message, to the home of its first identifier that is not: its
// anchor.
#pragma once

#include <optional>
#include <string_view>

#include "base/ids.h"
#include "identity/identity.pb.h"

namespace batuta::identity {

// user_id, anonymous_id, email, phone, device_id, then the others by name.
bool RoutesBefore(std::string_view type_a, std::string_view type_b);

// Puts the identifiers in routing order, ties by hash, and removes repeated ones. The first then is
// the routing identifier. Leaves `anchor` to ChooseAnchor.
void SortForRouting(EventIdentifiers& event);

// Sets `anchor` to the first identifier that is not blocked. False when there is none: the event is
// nobody's. Requires: sorted for routing.
bool ChooseAnchor(EventIdentifiers& event);

}  // namespace batuta::identity

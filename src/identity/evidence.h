// What one event proves about the identifiers on it.
#pragma once

#include "identity/identity.pb.h"
#include "identity/settings.h"

namespace batuta::identity {

// The event's moment when it carries this identifier beside a stronger, unblocked one (someone was
// recognised on this device); else the moment before any. The newest of these holds a weak
// identifier.
Moment LinkedMoment(const EventIdentifiers& event, int index, const Settings& settings);

}  // namespace batuta::identity

#include "identity/evidence.h"

namespace batuta::identity {

Moment LinkedMoment(const EventIdentifiers& event, int index, const Settings& settings) {
  const std::string& type = event.identifiers(index).type();
  for (const EventIdentifier& other : event.identifiers()) {
    if (!other.blocked() && settings.IsStrongerType(other.type(), type)) {
      return event.provenance().moment();
    }
  }
  return Moment();
}

}  // namespace batuta::identity

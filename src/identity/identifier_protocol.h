// The protocol at the home of an identifier: to whom does it point?
//
// The home answers every claim exactly once, one claim at a time: it grants an identifier that
// nobody has; where another person has it, it introduces the two and acts on the result. It numbers
// every move of the pointer (`seq`); whoever hears of two rulings believes the one with the greater
// number, so rulings may overtake one another on their way through tombstones.
//
// Does not judge whether two persons may be one: see person_protocol.h. The row belongs to the
// caller, who passes a default one where none is stored and removes one that IsRemovable()
// afterwards.
#pragma once

#include "base/ids.h"
#include "identity/identity.pb.h"
#include "identity/outbox.h"

namespace batuta::identity {

struct Routed {
  base::PersonId person;  // may have merged since; the event is forwarded from there
  bool created = false;   // the caller makes the person: CreatePerson() of person_protocol.h
  // Send the event to the person by a message even within the partition: it may not overtake what
  // this home has sent them before. Otherwise it may be given to them in this step if they live
  // here.
  bool by_message = false;
};

// An event reached the home of its anchor: who is it about? Creates a person here where nobody has
// the identifier.
Routed RouteEvent(IdentifierRow& row, const EventIdentifiers& event, const Context& context);

// A message whose `to_identifier` is this row: claim, settled, repoint or erase_identifier.
void OnIdentifierMessage(IdentifierRow& row, const IdentityMessage& message, const Context& context,
                         Outbox& outbox);

// Nobody's, and nobody waits for it.
bool IsRemovable(const IdentifierRow& row);

}  // namespace batuta::identity

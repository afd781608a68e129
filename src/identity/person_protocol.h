// The protocol at the home of a person: which identifiers are theirs, and are they someone else as
// well?
//
// A person lives where they were created. Of two persons who may be one, the weaker offers its set
// to the stronger, who alone judges, in its own log order, and counts an accepted set from then on.
// The weaker dies into the stronger only when its set has not grown since the offer. One offer at a
// time; a person that waits for an answer still answers others, so nobody waits in a circle.
//
// Touches identity's part of a person only; the other parts are the engine's, which acts on
// Outcome.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/ids.h"
#include "identity/identity.pb.h"
#include "identity/outbox.h"

namespace batuta::identity {

// The person that RouteEvent() said was created. They hold the event's anchor.
PersonIdentity CreatePerson(const base::PersonId& id, const IdentifierRow& row,
                            const EventIdentifiers& event, const Context& context);

enum class EventFate {
  kApplied,    // it is this person's
  kForwarded,  // this person is a tombstone: send the event to `forward_to`
  kReroute,    // this person no longer has the anchor, or was erased: set `rerouted` and send the
               // event to the anchor's home, by a message even within the partition, to be routed
               // again
};
struct EventVerdict {
  EventFate fate = EventFate::kApplied;
  base::PersonId forward_to;
};

// An event was routed to this person. Lists its identifiers, demotes the weakest new ones while a
// guard is broken, and claims the rest.
EventVerdict OnEvent(PersonIdentity& person, const EventIdentifiers& event, const Context& context,
                     Outbox& outbox);

enum class PersonChange {
  kNone,
  kForwarded,   // the person is a tombstone, and the message went on; nothing to do
  kMergedAway,  // the person has become a tombstone: put their other rows into the Absorb message
                // that is the last in the outbox and has `absorb`, and remove them here
  kAbsorbed,    // merge `rows` into the person's other parts
  kErased,      // remove the person's other parts, and the keys of the `erased` identifiers
};
struct Outcome {
  PersonChange change = PersonChange::kNone;
  size_t absorb_index = 0;  // kMergedAway
  // kAbsorbed, and kErased of a person who arrived after erasure.
  base::PersonId from{};
  std::string rows{};
  std::vector<base::IdentifierHash> erased{};  // kErased; of the one who arrived, if somebody did
};

// A message whose `to_person` is this person.
Outcome OnPersonMessage(PersonIdentity& person, IdentityMessage message, const Context& context,
                        Outbox& outbox);

enum class IdentifierStatus { kConfirmed, kPending, kMoved, kDemoted };
IdentifierStatus StatusOf(const PersonIdentifier& identifier);

inline bool IsTombstone(const PersonIdentity& person) {
  return person.has_merged_into() || person.erased();
}

// A claim, an offer or an introduction of this person waits, or an accepted person has yet to
// arrive.
bool HasUnsettledLinks(const PersonIdentity& person);

}  // namespace batuta::identity

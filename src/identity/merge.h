// The merge law of identity's part of a person: what is known of two persons, together.
//
// Commutative and associative on the identifiers with their provenance, the links and the persons
// absorbed. Judges nothing.
#pragma once

#include "identity/identity.pb.h"

namespace batuta::identity {

// The two entries are of one identifier.
PersonIdentifier MergeIdentifiers(const PersonIdentifier& a, const PersonIdentifier& b);

// Adds what `other` knows to `person`: identifiers, links, absorbed, reservations, the greater
// version. Offers, queues and tombstone marks stay as they are in `person`.
void MergeKnowledge(PersonIdentity& person, const PersonIdentity& other);

// Adds one link, in its place; of two of the same pair the earlier stays.
void AddLink(PersonIdentity& person, const Link& link);

}  // namespace batuta::identity

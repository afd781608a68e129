// Between base's ids and their form in identity.proto, and the orders over that form.
#pragma once

#include <compare>

#include "base/ids.h"
#include "base/time.h"
#include "identity/identity.pb.h"

namespace batuta::identity {

base::IdentifierHash FromRef(const HashRef& ref);
HashRef ToRef(const base::IdentifierHash& hash);

// A ref that is absent or all zero is the zero id.
base::PersonId FromRef(const PersonRef& ref);
PersonRef ToRef(const base::PersonId& person);

bool SameHash(const HashRef& a, const HashRef& b);
bool SamePerson(const PersonRef& a, const PersonRef& b);
bool IsStronger(const PersonRef& a, const PersonRef& b);  // base::IsStronger

// The order of hashes, as of one big-endian number.
std::strong_ordering Compare(const HashRef& a, const HashRef& b);
// The order of events: (event time, partition, offset).
std::strong_ordering Compare(const Moment& a, const Moment& b);
Moment MomentOf(base::Time event_time, const base::Position& position);

// The entry of this hash, or null. `identifiers` is ascending by hash.
const PersonIdentifier* FindIdentifier(const PersonIdentity& person, const HashRef& hash);
PersonIdentifier* FindIdentifier(PersonIdentity& person, const HashRef& hash);

// Where an identifier lives in a hub of so many partitions. Fixed for the life of the hub.
base::PartitionId HomeOf(const base::IdentifierHash& hash, uint16_t partition_count);

}  // namespace batuta::identity

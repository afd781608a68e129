// The segments that a person is in, as they stand in the person's record.
//
// By edition, ascending, each once: equal content has equal bytes. Pure.
#pragma once

#include <cstdint>

#include "google/protobuf/repeated_field.h"
#include "profile/apply.h"
#include "segment/segment.pb.h"

namespace batuta::segment {

using Memberships = google::protobuf::RepeatedPtrField<Membership>;

// Null if the person is not in it.
const Membership* Find(const Memberships& memberships, uint64_t edition);

// Requires: the person is not in it.
void Enter(uint64_t edition, base::Time since, profile::Cause cause, Memberships& memberships);

// False if the person was not in it.
bool Leave(uint64_t edition, Memberships& memberships);

// The memberships of two persons who become one: of those that both have, the earlier counts.
void Merge(const Memberships& from, Memberships& into);

}  // namespace batuta::segment

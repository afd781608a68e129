#include "identity/refs.h"

#include <algorithm>

#include "base/status.h"

namespace batuta::identity {
namespace {

int IndexOf(const PersonIdentity& person, const HashRef& hash) {
  const auto& all = person.identifiers();
  const auto found = std::lower_bound(all.begin(), all.end(), hash,
                                      [](const PersonIdentifier& entry, const HashRef& wanted) {
                                        return Compare(entry.hash(), wanted) < 0;
                                      });
  if (found == all.end() || !SameHash(found->hash(), hash)) return -1;
  return static_cast<int>(found - all.begin());
}

}  // namespace

base::IdentifierHash FromRef(const HashRef& ref) { return {{ref.high(), ref.low()}}; }

HashRef ToRef(const base::IdentifierHash& hash) {
  HashRef ref;
  ref.set_high(hash.high);
  ref.set_low(hash.low);
  return ref;
}

base::PersonId FromRef(const PersonRef& ref) {
  BATUTA_CHECK(ref.partition() <= UINT16_MAX && ref.rank() <= UINT8_MAX);
  return {base::PartitionId{static_cast<uint16_t>(ref.partition())},
          static_cast<uint8_t>(ref.rank()), base::RecordId{{ref.record_high(), ref.record_low()}}};
}

PersonRef ToRef(const base::PersonId& person) {
  PersonRef ref;
  ref.set_partition(base::Index(person.partition));
  ref.set_rank(person.rank);
  ref.set_record_high(person.record.high);
  ref.set_record_low(person.record.low);
  return ref;
}

bool SameHash(const HashRef& a, const HashRef& b) {
  return a.high() == b.high() && a.low() == b.low();
}

bool SamePerson(const PersonRef& a, const PersonRef& b) {
  return a.record_low() == b.record_low() && a.record_high() == b.record_high() &&
         a.partition() == b.partition() && a.rank() == b.rank();
}

bool IsStronger(const PersonRef& a, const PersonRef& b) {
  return base::IsStronger(FromRef(a), FromRef(b));
}

std::strong_ordering Compare(const HashRef& a, const HashRef& b) {
  if (const auto order = a.high() <=> b.high(); order != 0) return order;
  return a.low() <=> b.low();
}

std::strong_ordering Compare(const Moment& a, const Moment& b) {
  if (const auto order = a.event_time() <=> b.event_time(); order != 0) return order;
  if (const auto order = a.partition() <=> b.partition(); order != 0) return order;
  return a.offset() <=> b.offset();
}

Moment MomentOf(base::Time event_time, const base::Position& position) {
  Moment moment;
  moment.set_event_time(event_time.micros);
  moment.set_partition(base::Index(position.partition));
  moment.set_offset(base::Number(position.offset));
  return moment;
}

const PersonIdentifier* FindIdentifier(const PersonIdentity& person, const HashRef& hash) {
  const int index = IndexOf(person, hash);
  return index < 0 ? nullptr : &person.identifiers(index);
}

PersonIdentifier* FindIdentifier(PersonIdentity& person, const HashRef& hash) {
  const int index = IndexOf(person, hash);
  return index < 0 ? nullptr : person.mutable_identifiers(index);
}

base::PartitionId HomeOf(const base::IdentifierHash& hash, uint16_t partition_count) {
  BATUTA_CHECK(partition_count > 0);
  return base::PartitionId{static_cast<uint16_t>(hash.high % partition_count)};
}

}  // namespace batuta::identity

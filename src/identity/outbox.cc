#include "identity/outbox.h"

#include "identity/refs.h"

namespace batuta::identity {

IdentityMessage& Outbox::ToPerson(const PersonRef& person) {
  Outgoing& outgoing = messages_.emplace_back();
  outgoing.destination = FromRef(person).partition;
  *outgoing.message.mutable_to_person() = person;
  return outgoing.message;
}

IdentityMessage& Outbox::ToIdentifier(const HashRef& hash, const Context& context) {
  Outgoing& outgoing = messages_.emplace_back();
  outgoing.destination = HomeOf(FromRef(hash), context.partition_count);
  *outgoing.message.mutable_to_identifier() = hash;
  return outgoing.message;
}

void Outbox::Forward(const PersonRef& person, IdentityMessage message) {
  *message.mutable_to_person() = person;
  messages_.push_back({FromRef(person).partition, std::move(message)});
}

}  // namespace batuta::identity

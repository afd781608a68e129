// Consents of addresses: kept at the address's home, copied to the person who holds the address.
#include <utility>

#include "base/status.h"
#include "engine/fold.h"
#include "identity/refs.h"
#include "profile/consent.h"

namespace batuta::engine {

void Fold::SendAddressConsents(const EventOnWay& event) {
  for (const ConsentFact& fact : event.event().consents()) {
    if (fact.address().empty()) continue;
    Message message;
    AddressConsentOnWay& on_way = *message.mutable_address_consent();
    *on_way.mutable_consent() = fact;
    on_way.set_source(event.event().source());
    on_way.set_event_time(event.event().event_time());
    on_way.set_log_time(event.log_time());
    on_way.set_partition(event.partition());
    on_way.set_offset(event.offset());
    Send(HomeOfIdentifier(base::IdentifierHash::FromBytes(fact.address())), std::move(message));
  }
}

void Fold::OnAddressConsent(const AddressConsentOnWay& on_way) {
  const ConsentFact& fact = on_way.consent();
  auto row = state_.GetRow<profile::AddressConsent>(RowKind::kAddress, fact.address());
  if (!row.has_value()) {
    row.emplace();
    row->set_address(fact.address());
  }
  profile::ConsentStatement statement;
  statement.purpose = fact.purpose();
  statement.channel = fact.channel();
  statement.status = fact.status();
  statement.text_version = fact.text_version();
  statement.address_hash = fact.address();
  const profile::Stamp stamp = {.event_time = on_way.event_time(),
                                .log_time = on_way.log_time(),
                                .partition = on_way.partition(),
                                .offset = on_way.offset()};
  const bool changed =
      profile::StateAddressConsent(profile::MakeConsent(statement, on_way.source(), stamp), *row);
  state_.PutRow(RowKind::kAddress, fact.address(), *row);
  if (changed) CopyConsents(base::IdentifierHash::FromBytes(fact.address()));
}

// Gives the holder of the address, if any, what the address's row says now.
void Fold::CopyConsents(const base::IdentifierHash& address) {
  const auto row = state_.GetRow<profile::AddressConsent>(RowKind::kAddress, address.ToBytes());
  const identity::IdentifierRow* holder = state_.identifiers.Find(address);
  if (!row.has_value() || holder == nullptr || !holder->has_person()) return;
  Message message;
  ConsentCopy& copy = *message.mutable_consent_copy();
  *copy.mutable_person() = holder->person();
  *copy.mutable_consents() = row->current();
  Send(identity::FromRef(holder->person()).partition, std::move(message));
}

// The holder of the address was erased.
void Fold::ForgetGrants(const base::IdentifierHash& address) {
  auto row = state_.GetRow<profile::AddressConsent>(RowKind::kAddress, address.ToBytes());
  if (!row.has_value()) return;
  if (profile::KeepRefusals(*row)) {
    state_.PutRow(RowKind::kAddress, address.ToBytes(), *row);
  } else {
    state_.EraseRow(RowKind::kAddress, address.ToBytes());
  }
}

void Fold::OnConsentCopy(const ConsentCopy& copy) {
  const base::PersonId person = identity::FromRef(copy.person());
  PersonRow& row = state_.people.Mutable(person);
  if (const auto survivor = MergedInto(row)) {
    Message message;
    *message.mutable_consent_copy() = copy;
    *message.mutable_consent_copy()->mutable_person() = identity::ToRef(*survivor);
    return Send(survivor->partition, std::move(message));
  }
  if (row.identity().erased()) return;
  for (const profile::Consent& consent : copy.consents()) {
    profile::StateConsent(consent, *row.mutable_profile());
  }
  Touch(person).Add(segment::Facet::kConsents);
}

}  // namespace batuta::engine

#include "profile/consent.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/status.h"
#include "profile/sorted.h"

namespace batuta::profile {
namespace {

using Consents = google::protobuf::RepeatedPtrField<Consent>;

struct Key {
  std::string_view purpose;
  std::string_view channel;
  std::string_view address;
  friend auto operator<=>(const Key&, const Key&) = default;
};

Key KeyOf(const Consent& consent) {
  return {consent.purpose(), consent.channel(), consent.address()};
}

int Restriction(ConsentStatus status) {
  switch (status) {
    case CONSENT_WITHDRAWN:
      return 3;
    case CONSENT_DENIED:
      return 2;
    case CONSENT_GRANTED:
      return 1;
    default:
      return 0;
  }
}

// The order by which one of several statements about the same decides: privacy first among those
// of one moment.
auto Decisiveness(const Consent& consent) {
  return std::make_tuple(consent.event_time(), Restriction(consent.status()), consent.log_time(),
                         consent.partition(), consent.offset(), std::string_view(consent.source()),
                         std::string_view(consent.text_version()));
}

int PlaceOf(const Consents& consents, const Key& key) {
  return FirstNotBefore(consents, [&](const Consent& consent) { return KeyOf(consent) < key; });
}

const Consent* FindByKey(const Consents& consents, const Key& key) {
  const int place = PlaceOf(consents, key);
  return place < consents.size() && KeyOf(consents.Get(place)) == key ? &consents.Get(place)
                                                                      : nullptr;
}

// True if the statement decides now and did not before; or if it did not fit, which is also news.
// The greatest keys fall, a fixed order, so that merging in any order keeps the same ones.
bool Take(const Consent& consent, Consents& consents, bool& overflow) {
  BATUTA_CHECK(consent.status() != CONSENT_UNKNOWN);
  const Key key = KeyOf(consent);
  const int place = PlaceOf(consents, key);
  if (place < consents.size() && KeyOf(consents.Get(place)) == key) {
    Consent& known = *consents.Mutable(place);
    if (Decisiveness(consent) <= Decisiveness(known)) return false;
    known = consent;
    return true;
  }
  InsertAt(consents, place) = consent;
  if (consents.size() <= kMaxConsents) return true;
  consents.RemoveLast();
  const bool news = !overflow || place < kMaxConsents;
  overflow = true;
  return news;
}

ConsentStatus AtLevel(const Consents& consents, const Key& key) {
  const Consent* own = FindByKey(consents, key);
  const Consent* general = FindByKey(consents, {key.purpose, "", key.address});
  if (own == nullptr && general == nullptr) return CONSENT_UNKNOWN;
  if (own == nullptr) return general->status();
  if (general == nullptr) return own->status();
  return Decisiveness(*own) >= Decisiveness(*general) ? own->status() : general->status();
}

bool IsNewerInHistory(const Consent& a, const Consent& b) {
  return std::make_pair(Decisiveness(a), KeyOf(a)) > std::make_pair(Decisiveness(b), KeyOf(b));
}

void AddToHistory(const Consent& consent, Consents& history) {
  const int place = FirstNotBefore(
      history, [&](const Consent& other) { return IsNewerInHistory(other, consent); });
  if (place < history.size() && !IsNewerInHistory(consent, history.Get(place))) return;
  InsertAt(history, place) = consent;
  if (history.size() > kMaxConsentHistory) history.RemoveLast();
}

}  // namespace

Consent MakeConsent(const ConsentStatement& statement, std::string_view source,
                    const Stamp& stamp) {
  Consent consent;
  consent.set_purpose(statement.purpose);
  consent.set_channel(statement.channel);
  consent.set_address(statement.address_hash);
  consent.set_status(statement.status);
  consent.set_source(source.data(), source.size());
  consent.set_text_version(statement.text_version);
  SetStamp(stamp, consent);
  return consent;
}

bool StateConsent(const Consent& consent, Profile& profile) {
  bool overflow = profile.consents_overflow();
  const bool changed = Take(consent, *profile.mutable_consents(), overflow);
  profile.set_consents_overflow(overflow);
  return changed;
}

void MergeConsents(const Profile& from, Profile& into) {
  for (const Consent& consent : from.consents()) StateConsent(consent, into);
  into.set_consents_overflow(into.consents_overflow() || from.consents_overflow());
}

bool StateAddressConsent(Consent consent, AddressConsent& row) {
  consent.set_address(row.address());
  AddToHistory(consent, *row.mutable_history());
  bool overflow = row.overflow();
  const bool changed = Take(consent, *row.mutable_current(), overflow);
  row.set_overflow(overflow);
  return changed;
}

bool KeepRefusals(AddressConsent& row) {
  AddressConsent kept;
  kept.set_address(row.address());
  kept.set_overflow(row.overflow());  // denies everything
  for (const Consent& consent : row.current()) {
    if (Restriction(consent.status()) <= Restriction(CONSENT_GRANTED)) continue;
    Consent& refusal = *kept.add_current();
    refusal.set_purpose(consent.purpose());
    refusal.set_channel(consent.channel());
    refusal.set_address(consent.address());
    refusal.set_status(consent.status());
    refusal.set_event_time(consent.event_time());
  }
  row = std::move(kept);
  return row.overflow() || row.current_size() > 0;
}

void MergeAddressConsent(const AddressConsent& from, AddressConsent& into) {
  BATUTA_CHECK(from.address() == into.address());
  for (const Consent& consent : from.current()) StateAddressConsent(consent, into);
  for (const Consent& consent : from.history()) AddToHistory(consent, *into.mutable_history());
  into.set_overflow(into.overflow() || from.overflow());
}

ConsentStatus EffectiveConsent(const Profile& profile, std::string_view purpose,
                               std::string_view channel, std::string_view address_hash) {
  if (profile.consents_overflow()) return CONSENT_DENIED;
  const ConsentStatus person = AtLevel(profile.consents(), {purpose, channel, ""});
  if (address_hash.empty()) return person;
  return MoreRestrictive(person, AtLevel(profile.consents(), {purpose, channel, address_hash}));
}

ConsentStatus EffectiveAddressConsent(const AddressConsent& row, std::string_view purpose,
                                      std::string_view channel) {
  if (row.overflow()) return CONSENT_DENIED;
  return AtLevel(row.current(), {purpose, channel, row.address()});
}

ConsentStatus MoreRestrictive(ConsentStatus a, ConsentStatus b) {
  return Restriction(a) >= Restriction(b) ? a : b;
}

std::string_view ConsentName(ConsentStatus status) {
  switch (status) {
    case CONSENT_GRANTED:
      return "granted";
    case CONSENT_DENIED:
      return "denied";
    case CONSENT_WITHDRAWN:
      return "withdrawn";
    default:
      return "unknown";
  }
}

}  // namespace batuta::profile

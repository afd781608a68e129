// Consents per purpose and channel: how they are read from events, which statement decides, and
// what they amount to.
//
// Per (purpose, channel, address) the statement with the latest event time decides; at equal times
// the more restrictive one (withdrawn, denied, granted), then the later record. An empty channel
// means every channel; an empty address means the person. Consents of an address live at the
// address's home partition (AddressConsent); a person holds copies.
//
// Pure; knows nothing of purposes or channels as resources, and sends nothing.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "profile/order.h"
#include "profile/profile.pb.h"

namespace batuta::profile {

inline constexpr int kMaxConsents = 256;
inline constexpr int kMaxConsentHistory = 64;
inline constexpr size_t kMaxTextVersionBytes = 100;

// What an event says about one consent. Views and pointers are into the event.
struct ConsentStatement {
  std::string purpose;  // lower case, a resource's name
  std::string channel;  // the same, or empty
  ConsentStatus status = CONSENT_UNKNOWN;
  std::string text_version;
  const base::Value* address = nullptr;  // as stated, possibly sealed; nullptr: the person
  // Hash of the address's identifier (16 bytes), to be filled by the caller where `address` is set;
  // a statement about an address whose hash is missing is taken as one about the person.
  std::string address_hash;
};

struct ParsedConsents {
  std::vector<ConsentStatement> statements;
  std::vector<std::string>
      problems;  // statements that were not understood: the place, what is right
};

// The name of the track event that states a consent in its properties:
// {purpose, channel?, status: granted|denied|withdrawn, address?, textVersion?}.
inline constexpr std::string_view kConsentChanged = "Consent Changed";
// The trait of an identify that states a list of the same.
inline constexpr std::string_view kConsentsTrait = "consents";

// Whichever of the three is nullptr is absent. Reads `properties` only if `event_name` is
// kConsentChanged, `traits.consents`, and `context.consent.categoryPreferences` ({category:
// boolean}; the category is the purpose).
struct ConsentEvent {
  std::string_view event_name = {};
  const base::Fields* properties = nullptr;
  const base::Fields* traits = nullptr;
  const base::Fields* context = nullptr;
};
ParsedConsents ParseConsents(const ConsentEvent& event);

Consent MakeConsent(const ConsentStatement& statement, std::string_view source, const Stamp& stamp);

// Takes one statement into the person's consents; false if another one decides, or it is known.
bool StateConsent(const Consent& consent, Profile& profile);
void MergeConsents(const Profile& from, Profile& into);

// The same at the address's home; `consent.address` is set to the row's.
bool StateAddressConsent(Consent consent, AddressConsent& row);
void MergeAddressConsent(const AddressConsent& from, AddressConsent& into);

// What outlives the erasure of the address's holder: refusals, and nothing of them but what they
// refuse and when. What was granted, was granted by somebody who is gone. False if nothing is left.
bool KeepRefusals(AddressConsent& row);

// What a person's copies amount to for one purpose and channel: the more restrictive of what holds
// for the person and, if given, for the address. At each level the statement for the very channel
// and the one for every channel compete by the order above: a later one replaces the other.
// CONSENT_UNKNOWN if nothing was stated; CONSENT_DENIED on overflow.
ConsentStatus EffectiveConsent(const Profile& profile, std::string_view purpose,
                               std::string_view channel, std::string_view address_hash = {});
// The same at the address's home, before a send; the caller combines both with MoreRestrictive.
ConsentStatus EffectiveAddressConsent(const AddressConsent& row, std::string_view purpose,
                                      std::string_view channel);
// Withdrawn, denied, granted, unknown: in this order.
ConsentStatus MoreRestrictive(ConsentStatus a, ConsentStatus b);

std::string_view ConsentName(ConsentStatus status);  // "granted", ...; "unknown"

}  // namespace batuta::profile

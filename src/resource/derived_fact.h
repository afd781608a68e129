// Facts that the hub derives of personal fields at ingest, before these are sealed, and keeps in
// clear: what rules may know of a person without reading who they are.
//
//     email_domain    "uno.mx"         of an e-mail address: what is behind the @, in lower case
//     birth_year      1990             of a date of birth; nobody is told to be older than 90
//     country         "MX"             that an address states
//     timezone        "Europe/Madrid"  of the device, as the context says it
//     phone_country   "MX"             of a telephone number, by its calling code (ISO 3166-1)
//     city, region, postal_code        that an address states
//     locale          "es-MX"          of the device
//     language        "es"             of that
//
// The first four are derived unless the `classification` says otherwise. The table is constant; how
// each is found is in connect/facts.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace batuta::resource {

enum class Fact : uint8_t {
  kBirthYear,
  kCity,
  kCountry,
  kEmailDomain,
  kLanguage,
  kLocale,
  kPhoneCountry,
  kPostalCode,
  kRegion,
  kTimezone,
};

// What a fact is derived of.
enum class Origin : uint8_t { kEmail, kBirthDate, kPhone, kAddress, kContext };

struct DerivedFact {
  Fact fact;
  std::string_view name;  // of the trait
  Origin origin;
  bool is_number;   // else a text
  bool by_default;  // derived unless the classification says otherwise
  std::string_view description;
};

// By name, in the order of the enumeration.
std::span<const DerivedFact> DerivedFacts();
inline const DerivedFact& Describe(Fact fact) { return DerivedFacts()[static_cast<size_t>(fact)]; }
// Null if no fact has that name.
const DerivedFact* FindFact(std::string_view name);

// What is known of a field by its name alone, in any spelling of case, `_`, `-` and spaces:
// "birthDate" is a date of birth. Nothing if no fact is derived of such a field.
std::optional<Origin> OriginOf(std::string_view field);

// Of a fact that an address states: whether a part of an address with that name is it.
bool IsNamed(const DerivedFact& fact, std::string_view part);

}  // namespace batuta::resource

#include "resource/derived_fact.h"

#include <algorithm>
#include <array>

#include "resource/folded_name.h"

namespace batuta::resource {
namespace {

constexpr std::array<DerivedFact, 10> kFacts = {{
    {Fact::kBirthYear, "birth_year", Origin::kBirthDate, /*is_number=*/true, /*by_default=*/true,
     "The year of birth; of whoever becomes 90 or older in this year, that of those who become "
     "90."},
    {Fact::kCity, "city", Origin::kAddress, false, false, "The city that an address states."},
    {Fact::kCountry, "country", Origin::kAddress, false, true,
     "The country that an address states; codes of two letters in capitals."},
    {Fact::kEmailDomain, "email_domain", Origin::kEmail, false, true,
     "What stands behind the @ of an e-mail address, in lower case."},
    {Fact::kLanguage, "language", Origin::kContext, false, false,
     "The language of the device: that of context.locale."},
    {Fact::kLocale, "locale", Origin::kContext, false, false,
     "The locale of the device: context.locale, written as es-MX."},
    {Fact::kPhoneCountry, "phone_country", Origin::kPhone, false, false,
     "The country of a telephone number, by its calling code (ISO 3166-1)."},
    {Fact::kPostalCode, "postal_code", Origin::kAddress, false, false,
     "The postal code that an address states."},
    {Fact::kRegion, "region", Origin::kAddress, false, false,
     "The state, province or region that an address states."},
    {Fact::kTimezone, "timezone", Origin::kContext, false, true,
     "The time zone of the device: context.timezone, a name of the tz database."},
}};

static_assert(std::is_sorted(kFacts.begin(), kFacts.end(),
                             [](const auto& a, const auto& b) { return a.name < b.name; }));
static_assert(std::all_of(kFacts.begin(), kFacts.end(), [](const auto& fact) {
  return &kFacts[static_cast<size_t>(fact.fact)] == &fact;
}));

struct NamedOrigin {
  std::string_view name;  // as it is compared; folded_name.h
  Origin origin;
};
constexpr std::array<NamedOrigin, 20> kOrigins = {{
    {"address", Origin::kAddress},
    {"birthdate", Origin::kBirthDate},
    {"birthday", Origin::kBirthDate},
    {"celular", Origin::kPhone},
    {"correo", Origin::kEmail},
    {"dateofbirth", Origin::kBirthDate},
    {"direccion", Origin::kAddress},
    {"dob", Origin::kBirthDate},
    {"email", Origin::kEmail},
    {"emailaddress", Origin::kEmail},
    {"fechanacimiento", Origin::kBirthDate},
    {"mobile", Origin::kPhone},
    {"mobilenumber", Origin::kPhone},
    {"mobilephone", Origin::kPhone},
    {"phone", Origin::kPhone},
    {"phonenumber", Origin::kPhone},
    {"postaladdress", Origin::kAddress},
    {"telefono", Origin::kPhone},
    {"telephone", Origin::kPhone},
    {"whatsapp", Origin::kPhone},
}};

static_assert(std::is_sorted(kOrigins.begin(), kOrigins.end(),
                             [](const auto& a, const auto& b) { return a.name < b.name; }));

// How sources name the parts of an address.
struct Part {
  Fact fact;
  std::string_view name;
};
constexpr std::array<Part, 15> kParts = {{{Fact::kCity, "city"},
                                          {Fact::kCity, "ciudad"},
                                          {Fact::kCountry, "country"},
                                          {Fact::kCountry, "countrycode"},
                                          {Fact::kCountry, "pais"},
                                          {Fact::kPostalCode, "postalcode"},
                                          {Fact::kPostalCode, "zip"},
                                          {Fact::kPostalCode, "zipcode"},
                                          {Fact::kPostalCode, "postcode"},
                                          {Fact::kPostalCode, "codigopostal"},
                                          {Fact::kRegion, "region"},
                                          {Fact::kRegion, "state"},
                                          {Fact::kRegion, "province"},
                                          {Fact::kRegion, "estado"},
                                          {Fact::kRegion, "provincia"}}};

}  // namespace

std::span<const DerivedFact> DerivedFacts() { return kFacts; }

const DerivedFact* FindFact(std::string_view name) {
  const auto found = std::find_if(kFacts.begin(), kFacts.end(),
                                  [name](const DerivedFact& fact) { return fact.name == name; });
  return found == kFacts.end() ? nullptr : &*found;
}

std::optional<Origin> OriginOf(std::string_view field) {
  const FoldedName name(field);
  const auto found = std::lower_bound(
      kOrigins.begin(), kOrigins.end(), name.text(),
      [](const NamedOrigin& one, std::string_view wanted) { return one.name < wanted; });
  if (found == kOrigins.end() || found->name != name.text()) return std::nullopt;
  return found->origin;
}

bool IsNamed(const DerivedFact& fact, std::string_view part) {
  const FoldedName name(part);
  return std::any_of(kParts.begin(), kParts.end(), [&](const Part& one) {
    return one.fact == fact.fact && one.name == name.text();
  });
}

}  // namespace batuta::resource

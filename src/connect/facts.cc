#include "connect/facts.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "base/text.h"
#include "base/value.h"
#include "connect/zone_names.h"
#include "identity/calling_code.h"
#include "identity/normalise.h"

namespace batuta::connect {
namespace {

using resource::Fact;
using resource::Origin;
using simdjson::dom::element;
using simdjson::dom::element_type;
using simdjson::dom::object;

constexpr size_t kLongestDomain = 253;  // RFC 1035
constexpr size_t kLongestPlace = 100;   // of cities, regions, countries
constexpr size_t kLongestLocale = 35;   // RFC 5646, 4.4.1
// HIPAA's safe harbour (45 CFR 164.514(b)(2)(i)(C)) puts ages over 89 into one class.
constexpr int kOldestYears = 90;
constexpr int kImpossibleYears = 130;  // nobody; mostly dates that stand for "unknown"

bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }
bool IsAlpha(char c) { return absl::ascii_isalpha(static_cast<unsigned char>(c)); }

bool AreAll(std::string_view text, bool (*is)(char)) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is);
}

int NumberOf(std::string_view digits) {
  int number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

std::vector<std::string_view> Split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> parts;
  while (true) {
    const size_t at = text.find_first_of(separators);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

// A text, or a whole number as one.
std::string TextOf(const element& value) {
  switch (value.type()) {
    case element_type::STRING:
      return std::string(base::TrimAscii(value.get_string().value_unsafe()));
    case element_type::INT64:
      return absl::StrCat(value.get_int64().value_unsafe());
    case element_type::UINT64:
      return absl::StrCat(value.get_uint64().value_unsafe());
    default:
      return "";
  }
}

// What an address states of the fact.
std::string OfAddress(const resource::DerivedFact& fact, const object& address) {
  for (const auto field : address) {
    if (!resource::IsNamed(fact, field.key)) continue;
    std::string place = TextOf(field.value);
    const bool is_place = !place.empty() && place.size() <= kLongestPlace &&
                          !resource::Classification::LooksPersonal(place);
    if (!is_place) continue;
    const bool is_code = fact.fact == Fact::kCountry && place.size() == 2 && AreAll(place, IsAlpha);
    if (is_code) absl::AsciiStrToUpper(&place);
    return place;
  }
  return "";
}

class Deriver {
 public:
  Deriver(std::string_view root, const FactSettings& settings) : root_(root), settings_(settings) {}

  base::Fields Take() && { return std::move(facts_); }

  // Of a field whose facts have this origin.
  void Add(Origin origin, const element& value, const object& stated) {
    for (const resource::DerivedFact& fact : resource::DerivedFacts()) {
      if (fact.origin != origin || !settings_.classification.Derives(fact.fact, root_)) continue;
      if (stated.at_key(fact.name).error() == simdjson::SUCCESS) continue;
      Put(fact, Derive(fact, value));
    }
  }

 private:
  // A fact replaces the absence of one.
  void Put(const resource::DerivedFact& fact, std::optional<base::Value> value) {
    base::Value* known = base::FindMutable(facts_, fact.name);
    if (known != nullptr && !base::IsNull(*known)) return;
    if (value.has_value()) {
      base::SetField(facts_, fact.name, *std::move(value));
    } else if (fact.origin != Origin::kAddress) {
      base::SetField(facts_, fact.name, base::NullValue());
    }
  }

  // Of a list it is the first that gives the fact.
  std::optional<base::Value> Derive(const resource::DerivedFact& fact, const element& value) const {
    simdjson::dom::array list;
    if (value.get(list) == simdjson::SUCCESS) {
      for (const element item : list) {
        if (item.is_array()) continue;
        if (auto found = Derive(fact, item)) return found;
      }
      return std::nullopt;
    }
    if (fact.origin == Origin::kAddress) {
      object address;
      if (value.get(address) != simdjson::SUCCESS) return std::nullopt;
      return Stated(OfAddress(fact, address));
    }
    const std::string text = TextOf(value);
    if (fact.origin == Origin::kEmail) return Stated(DomainOf(text));
    if (fact.origin == Origin::kPhone) return Stated(CountryOf(text));
    const int year = BirthYearOf(text, ThisYear());
    if (year == 0) return std::nullopt;
    return base::NumberValue(year);
  }

  static std::optional<base::Value> Stated(std::string_view text) {
    if (text.empty()) return std::nullopt;
    return base::TextValue(text);
  }

  std::string_view CountryOf(std::string_view phone) const {
    const identity::Normalised number = identity::Normalise(settings_.identity, "phone", phone);
    return number.blocked.empty() ? identity::CountryOfPhone(number.value) : std::string_view();
  }

  int ThisYear() const {
    const absl::Time received = absl::FromUnixMicros(settings_.received_at.micros);
    return static_cast<int>(absl::ToCivilYear(received, absl::UTCTimeZone()).year());
  }

  std::string_view root_;
  const FactSettings& settings_;
  base::Fields facts_;
};

std::string TextAt(const object& fields, const char* name) {
  const auto value = fields.at_key(name);
  return value.error() == simdjson::SUCCESS ? TextOf(value.value_unsafe()) : "";
}

}  // namespace

base::Fields FactsOf(const object& fields, std::string_view root, const FactSettings& settings) {
  Deriver deriver(root, settings);
  for (const auto field : fields) {
    const auto origin = resource::OriginOf(field.key);
    if (origin.has_value()) deriver.Add(*origin, field.value, fields);
  }
  return std::move(deriver).Take();
}

base::Fields FactsOfContext(const object& context, const base::Fields& traits,
                            const FactSettings& settings) {
  base::Fields facts;
  const auto add = [&](Fact fact, std::string_view value) {
    const std::string_view name = resource::Describe(fact).name;
    if (value.empty() || base::Find(traits, name) != nullptr) return;
    if (settings.classification.Derives(fact, "traits")) {
      base::SetField(facts, name, base::TextValue(value));
    }
  };
  const std::string zone = TextAt(context, "timezone");
  if (IsZoneName(zone)) add(Fact::kTimezone, zone);
  const std::string locale = LocaleOf(TextAt(context, "locale"));
  add(Fact::kLocale, locale);
  add(Fact::kLanguage, std::string_view(locale).substr(0, locale.find('-')));
  return facts;
}

std::string DomainOf(std::string_view email) {
  const size_t at = email.rfind('@');
  if (at == std::string_view::npos || at == 0) return "";
  std::string domain = base::LowerAscii(email.substr(at + 1));
  if (domain.ends_with('.')) domain.pop_back();
  if (domain.size() > kLongestDomain || !base::IsValidUtf8(domain)) return "";
  const std::vector<std::string_view> labels = Split(domain, ".");
  const auto is_label = [](std::string_view label) {
    return AreAll(label, [](char c) {
      // Names in other scripts may come as they are written.
      return IsAlpha(c) || IsDigit(c) || c == '-' || static_cast<unsigned char>(c) >= 0x80;
    });
  };
  const bool is_domain = labels.size() > 1 && std::all_of(labels.begin(), labels.end(), is_label) &&
                         !AreAll(labels.back(), IsDigit);  // an address of the internet
  return is_domain ? domain : "";
}

int BirthYearOf(std::string_view date, int this_year) {
  const std::string_view day = date.substr(0, date.find_first_of("T "));
  const std::vector<std::string_view> parts = Split(day, "-/.");
  const bool are_digits = std::all_of(parts.begin(), parts.end(),
                                      [](std::string_view part) { return AreAll(part, IsDigit); });
  if (!are_digits || (parts.size() != 1 && parts.size() != 3)) return 0;
  constexpr size_t kYearDigits = 4;
  const auto is_short = [](std::string_view part) { return part.size() <= 2; };
  std::string_view year;
  if (parts.front().size() == kYearDigits &&
      std::all_of(parts.begin() + 1, parts.end(), is_short)) {
    year = parts.front();
  } else if (parts.size() == 3 && parts.back().size() == kYearDigits && is_short(parts[0]) &&
             is_short(parts[1])) {
    year = parts.back();
  } else {
    return 0;
  }
  const int number = NumberOf(year);
  if (number > this_year || number < this_year - kImpossibleYears) return 0;
  return std::max(number, this_year - kOldestYears);
}

std::string LocaleOf(std::string_view text) {
  if (text.size() > kLongestLocale) return "";
  std::string locale;
  for (const std::string_view part : Split(text.substr(0, text.find_first_of(".@")), "-_")) {
    const bool is_word =
        part.size() <= 8 && AreAll(part, [](char c) { return IsAlpha(c) || IsDigit(c); });
    if (!is_word) return "";
    std::string tag = base::LowerAscii(part);
    if (locale.empty()) {
      const bool is_language = (tag.size() == 2 || tag.size() == 3) && AreAll(tag, IsAlpha);
      if (!is_language) return "";
    } else {
      locale += '-';
      if (tag.size() == 2) absl::AsciiStrToUpper(&tag);  // a region
      if (tag.size() == 4 && IsAlpha(tag[0]))
        tag[0] = absl::ascii_toupper(static_cast<unsigned char>(tag[0]));  // a script
    }
    locale += tag;
  }
  return locale;
}

}  // namespace batuta::connect

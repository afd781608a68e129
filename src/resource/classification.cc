#include "resource/classification.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "base/status.h"
#include "base/text.h"
#include "resource/folded_name.h"
#include "resource/reader.h"

namespace batuta::resource {
namespace {

// Names as they are compared (folded_name.h). Sorted.
constexpr std::array<std::string_view, 49> kPersonalNames = {"address",
                                                             "addressline1",
                                                             "addressline2",
                                                             "apellido",
                                                             "apellidos",
                                                             "birthdate",
                                                             "birthday",
                                                             "cardnumber",
                                                             "celular",
                                                             "correo",
                                                             "cpf",
                                                             "creditcard",
                                                             "curp",
                                                             "dateofbirth",
                                                             "direccion",
                                                             "dni",
                                                             "dob",
                                                             "email",
                                                             "emailaddress",
                                                             "familyname",
                                                             "fechanacimiento",
                                                             "firstname",
                                                             "fullname",
                                                             "givenname",
                                                             "iban",
                                                             "ip",
                                                             "ipaddress",
                                                             "lastname",
                                                             "lat",
                                                             "latitude",
                                                             "lng",
                                                             "longitude",
                                                             "middlename",
                                                             "mobile",
                                                             "mobilephone",
                                                             "mobilenumber",
                                                             "nombre",
                                                             "nombrecompleto",
                                                             "passport",
                                                             "phone",
                                                             "phonenumber",
                                                             "postaladdress",
                                                             "ssn",
                                                             "street",
                                                             "surname",
                                                             "taxid",
                                                             "telefono",
                                                             "telephone",
                                                             "whatsapp"};

bool IsPersonalName(std::string_view name) {
  const FoldedName key(name);
  return std::find(kPersonalNames.begin(), kPersonalNames.end(), key.text()) !=
         kPersonalNames.end();
}

// "a@b.c": one @ with something before it, a dot after it, no white space.
bool LooksLikeEmail(std::string_view text) {
  const size_t at = text.find('@');
  if (at == std::string_view::npos || at == 0) return false;
  const std::string_view domain = text.substr(at + 1);
  const size_t dot = domain.find('.');
  return dot != std::string_view::npos && dot > 0 && dot + 1 < domain.size() &&
         text.find_first_of(" \t\n@", at + 1) == std::string_view::npos;
}

struct Digits {
  size_t count = 0;
  bool only_phone_signs = true;
};
Digits CountDigits(std::string_view text) {
  Digits digits;
  for (const char c : text) {
    if (absl::ascii_isdigit(static_cast<unsigned char>(c))) {
      ++digits.count;
    } else if (c != ' ' && c != '-' && c != '(' && c != ')' && c != '.' && c != '+') {
      digits.only_phone_signs = false;
    }
  }
  return digits;
}

// The check digit of payment cards (Luhn, ISO/IEC 7812-1).
bool PassesLuhn(std::string_view text) {
  int sum = 0;
  bool doubled = false;
  for (auto c = text.rbegin(); c != text.rend(); ++c) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(*c))) continue;
    int digit = *c - '0';
    if (doubled) digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
    sum += digit;
    doubled = !doubled;
  }
  return sum % 10 == 0;
}

// True if the set holds the path or a path that it lies below.
bool Covers(const std::set<std::string, std::less<>>& paths, std::string_view path) {
  for (size_t end = path.size(); end != std::string_view::npos && end > 0;
       end = path.rfind('.', end - 1)) {
    if (paths.find(path.substr(0, end)) != paths.end()) return true;
  }
  return false;
}

}  // namespace

Classification Classification::Compile(const base::Fields& spec) {
  Classification result;
  const Reader reader(spec);
  for (std::string& path : reader.Texts("sealed")) result.sealed_.insert(std::move(path));
  for (std::string& path : reader.Texts("clear")) result.clear_.insert(std::move(path));
  for (const Reader& restriction : reader.Objects("restricted"))
    result.purposes_[restriction.Text("field")] = restriction.Texts("purposes");
  if (reader.Has("derived")) {
    result.derived_ = 0;
    for (const std::string& name : reader.Texts("derived")) {
      const DerivedFact* fact = FindFact(name);
      BATUTA_CHECK(fact != nullptr, name);
      result.derived_ |= Bit(fact->fact);
    }
  }
  return result;
}

uint32_t Classification::ByDefault() {
  uint32_t facts = 0;
  for (const DerivedFact& fact : DerivedFacts()) {
    if (fact.by_default) facts |= Bit(fact.fact);
  }
  return facts;
}

bool Classification::Derives(Fact fact, std::string_view root) const {
  if ((derived_ & Bit(fact)) == 0) return false;
  if (sealed_.empty()) return true;
  return !Covers(sealed_, base::StrCat(root, ".", Describe(fact).name));
}

Classification::Verdict Classification::Of(std::string_view path, std::string_view name) const {
  if (!sealed_.empty() && Covers(sealed_, path)) return Verdict::kSealed;
  if (!clear_.empty() && Covers(clear_, path)) return Verdict::kClear;
  return IsPersonalName(name) ? Verdict::kSealed : Verdict::kByValue;
}

const std::vector<std::string>* Classification::PurposesOf(std::string_view path) const {
  for (size_t end = path.size(); end != std::string_view::npos && end > 0;
       end = path.rfind('.', end - 1)) {
    const auto found = purposes_.find(path.substr(0, end));
    if (found != purposes_.end()) return &found->second;
  }
  return nullptr;
}

bool Classification::LooksPersonal(std::string_view text) {
  constexpr size_t kShortest = 5;
  constexpr size_t kLongest = 320;  // of an e-mail address
  if (text.size() < kShortest || text.size() > kLongest) return false;
  if (LooksLikeEmail(text)) return true;
  const Digits digits = CountDigits(text);
  if (!digits.only_phone_signs) return false;
  const bool is_phone = text.front() == '+' && digits.count >= 8 && digits.count <= 15;
  const bool is_card = digits.count >= 13 && digits.count <= 19 && PassesLuhn(text);
  return is_phone || is_card;
}

}  // namespace batuta::resource

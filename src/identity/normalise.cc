#include "identity/normalise.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/encoding.h"
#include "base/text.h"
#include "re2/re2.h"

namespace batuta::identity {
namespace {

constexpr size_t kLongest = 512;
constexpr size_t kShortestPhone = 8;  // digits, calling code included
constexpr size_t kLongestPhone = 15;  // ITU-T E.164

// How the telephone numbers of a country are written at home.
struct DialPlan {
  std::string_view country;
  std::string_view calling_code;
  bool trunk_zero;  // a leading 0 is dialled at home only
};
constexpr auto kDialPlans = std::to_array<DialPlan>({
    {"AR", "54", true},   {"AU", "61", true},   {"BO", "591", true},  {"BR", "55", true},
    {"CA", "1", false},   {"CL", "56", false},  {"CO", "57", false},  {"CR", "506", false},
    {"DE", "49", true},   {"DO", "1", false},   {"EC", "593", true},  {"ES", "34", false},
    {"FR", "33", true},   {"GB", "44", true},   {"GT", "502", false}, {"HN", "504", false},
    {"IN", "91", true},   {"IT", "39", false},  {"MX", "52", false},  {"NI", "505", false},
    {"PA", "507", false}, {"PE", "51", true},   {"PR", "1", false},   {"PT", "351", false},
    {"PY", "595", true},  {"SV", "503", false}, {"US", "1", false},   {"UY", "598", true},
    {"VE", "58", true},
});

const DialPlan* PlanOf(std::string_view country) {
  const auto found = std::find_if(kDialPlans.begin(), kDialPlans.end(),
                                  [country](const DialPlan& p) { return p.country == country; });
  return found == kDialPlans.end() ? nullptr : &*found;
}

Normalised Blocked(std::string_view value, std::string_view why) {
  return {std::string(value), std::string(why)};
}

// The digits, and whether a calling code leads them; false on a character no number has.
bool ReadDigits(std::string_view value, std::string& digits, bool& international) {
  international = value.starts_with('+');
  for (const char c : value.substr(international ? 1 : 0)) {
    if (c >= '0' && c <= '9') {
      digits.push_back(c);
    } else if (std::string_view(" -.()/").find(c) == std::string_view::npos) {
      return false;
    }
  }
  if (!international && digits.starts_with("00")) {
    international = true;
    digits.erase(0, 2);
  }
  return true;
}

// Mexico wrote a 1 between calling code and mobile numbers until 2019; both are one telephone.
void DropMexicanMobileOne(std::string& digits) {
  if (digits.size() == 13 && digits.starts_with("521")) digits.erase(2, 1);
}

Normalised NormalisePhone(const Settings& settings, std::string_view value) {
  std::string digits;
  bool international = false;
  if (!ReadDigits(value, digits, international)) return Blocked(value, "not a telephone number");
  if (!international) {
    const DialPlan* plan = PlanOf(settings.default_country());
    if (plan == nullptr) {
      return Blocked(value,
                     "a telephone number without calling code, and no known default country");
    }
    if (plan->trunk_zero && digits.starts_with('0')) digits.erase(0, 1);
    // A number that begins with the own calling code and is too long for one of home has it
    // already.
    const bool has_code = digits.starts_with(plan->calling_code) && digits.size() > 10;
    if (!has_code) digits.insert(0, plan->calling_code);
  }
  DropMexicanMobileOne(digits);
  if (digits.size() < kShortestPhone || digits.size() > kLongestPhone || digits[0] == '0') {
    return Blocked(value, "not a telephone number");
  }
  return {"+" + digits, ""};
}

bool IsEmail(std::string_view value) {
  const size_t at = value.rfind('@');
  return at != std::string_view::npos && at > 0 && at + 1 < value.size() &&
         value.find_first_of(" \t\r\n") == std::string_view::npos;
}

bool IsBlocked(const TypeSettings& type, std::string_view value) {
  if (std::find(type.blocked.begin(), type.blocked.end(), value) != type.blocked.end()) return true;
  const re2::StringPiece piece(value.data(), value.size());
  return std::any_of(type.blocked_patterns.begin(), type.blocked_patterns.end(),
                     [&](const auto& pattern) { return re2::RE2::PartialMatch(piece, *pattern); });
}

}  // namespace

Normalised Normalise(const Settings& settings, std::string_view type, std::string_view value) {
  const TypeSettings& rules = settings.Of(type);
  const std::string_view trimmed = base::TrimAscii(value);
  if (trimmed.empty()) return Blocked("", "empty");
  if (trimmed.size() > kLongest) return Blocked(trimmed.substr(0, kLongest), "too long");
  if (!base::IsValidUtf8(trimmed)) return Blocked("", "not UTF-8");
  std::string plain = rules.case_sensitive ? std::string(trimmed) : base::LowerAscii(trimmed);
  if (settings.IsNobody(plain) || IsBlocked(rules, plain)) return Blocked(plain, "blocked value");
  if (type == "email" && !IsEmail(plain)) return Blocked(plain, "not an e-mail address");
  if (type != "phone") return {std::move(plain), ""};
  Normalised phone = NormalisePhone(settings, plain);
  if (phone.blocked.empty() && IsBlocked(rules, phone.value)) phone.blocked = "blocked value";
  return phone;
}

std::string HashInput(std::string_view type, std::string_view normalised) {
  base::ByteWriter writer;
  writer.Bytes(type);
  writer.Bytes(normalised);
  return writer.Take();
}

}  // namespace batuta::identity

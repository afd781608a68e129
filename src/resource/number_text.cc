#include "resource/number_text.h"

#include <charconv>
#include <cmath>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "base/text.h"

namespace batuta::resource {
namespace {

constexpr double kExactIntegerMax = 9007199254740992.0;  // 2^53

size_t SkipDigits(std::string_view text, size_t at) {
  while (at < text.size() && absl::ascii_isdigit(static_cast<unsigned char>(text[at]))) ++at;
  return at;
}

// Where an exponent that starts at `at` ends; `at` if there is none, npos if it is broken.
size_t SkipExponent(std::string_view text, size_t at) {
  if (at >= text.size() || (text[at] != 'e' && text[at] != 'E')) return at;
  ++at;
  if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
  const size_t end = SkipDigits(text, at);
  return end == at ? std::string_view::npos : end;
}

bool AllOf(std::string_view digits, std::string_view allowed) {
  return !digits.empty() && digits.find_first_not_of(allowed) == std::string_view::npos;
}

bool IsInfinityOrNan(std::string_view text) {
  if (text == ".nan" || text == ".NaN" || text == ".NAN") return true;
  if (text.starts_with("-") || text.starts_with("+")) text.remove_prefix(1);
  return text == ".inf" || text == ".Inf" || text == ".INF";
}

bool IsBased(std::string_view text) {
  return (text.starts_with("0x") && AllOf(text.substr(2), "0123456789abcdefABCDEF")) ||
         (text.starts_with("0o") && AllOf(text.substr(2), "01234567"));
}

ExactNumber Refused(std::string_view text, std::string_view why) {
  return {.message = base::StrCat("the number ", text, " ", why)};
}

ExactNumber ReadBased(std::string_view text) {
  uint64_t number = 0;
  const std::string_view digits = text.substr(2);
  const char* end = digits.data() + digits.size();
  const auto result = std::from_chars(digits.data(), end, number, text[1] == 'x' ? 16 : 8);
  if (result.ec != std::errc() || static_cast<double>(number) > kExactIntegerMax)
    return Refused(text,
                   "has too many digits to be kept exactly; put it in quotes to keep it as text");
  return {.ok = true, .value = static_cast<double>(number)};
}

}  // namespace

bool IsJsonNumber(std::string_view text) {
  if (text.starts_with("-")) text.remove_prefix(1);
  size_t at = SkipDigits(text, 0);
  if (at == 0 || (at > 1 && text[0] == '0')) return false;
  if (at < text.size() && text[at] == '.') {
    const size_t end = SkipDigits(text, at + 1);
    if (end == at + 1) return false;
    at = end;
  }
  return SkipExponent(text, at) == text.size();
}

bool IsYamlNumber(std::string_view text) {
  if (IsInfinityOrNan(text) || IsBased(text)) return true;
  if (text.starts_with("-") || text.starts_with("+")) text.remove_prefix(1);
  size_t at = SkipDigits(text, 0);
  size_t digit_count = at;
  if (at < text.size() && text[at] == '.') {
    const size_t end = SkipDigits(text, at + 1);
    digit_count += end - at - 1;
    at = end;
  }
  return digit_count > 0 && SkipExponent(text, at) == text.size();
}

ExactNumber ReadExactNumber(std::string_view text) {
  if (IsInfinityOrNan(text)) return Refused(text, "is not finite; only finite numbers are taken");
  if (IsBased(text)) return ReadBased(text);
  double value = 0;
  if (!absl::SimpleAtod(base::AbslView(text), &value) || !std::isfinite(value))
    return Refused(text, "is too large");
  const bool integer = text.find_first_of(".eE") == std::string_view::npos;
  if (integer && std::fabs(value) >= kExactIntegerMax)
    return Refused(text,
                   "has too many digits to be kept exactly; put it in quotes to keep it as text");
  return {.ok = true, .value = value == 0 ? 0 : value};
}

}  // namespace batuta::resource

#include "expr/number_text.h"

#include <charconv>
#include <cmath>

#include "absl/strings/numbers.h"
#include "base/text.h"

namespace batuta::expr {
namespace {

template <typename T>
std::optional<T> ParseInteger(std::string_view text) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  T number = 0;
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number);
  if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return number;
}

}  // namespace

std::string DoubleText(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number < 0 ? "-Infinity" : "Infinity";
  char buffer[40];
  const double size = std::fabs(number);
  const bool is_plain = size == 0 || (size >= 1e-7 && size < 1e21);
  const auto format = is_plain ? std::chars_format::fixed : std::chars_format::scientific;
  const auto result = std::to_chars(buffer, buffer + sizeof(buffer), number, format);
  return std::string(buffer, result.ptr);
}

std::optional<int64_t> ParseInt(std::string_view text) { return ParseInteger<int64_t>(text); }
std::optional<uint64_t> ParseUint(std::string_view text) { return ParseInteger<uint64_t>(text); }

std::optional<double> ParseDouble(std::string_view text) {
  constexpr std::string_view kParts = "0123456789+-.eEINFTYAinftya";
  double number = 0;
  if (text.empty() || text.find_first_not_of(kParts) != text.npos ||
      !absl::SimpleAtod(base::AbslView(text), &number)) {
    return std::nullopt;
  }
  const bool has_digit = text.find_first_of("0123456789") != text.npos;
  if (std::isinf(number) && has_digit) return std::nullopt;
  return number;
}

}  // namespace batuta::expr

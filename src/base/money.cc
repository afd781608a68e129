#include "base/money.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "base/text.h"

namespace batuta::base {
namespace {

constexpr uint64_t kUnit = 1'000'000;
constexpr size_t kDecimalsMax = 6;

bool IsDigits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Reads digits as one number; false on overflow.
bool ReadDigits(std::string_view digits, uint64_t& value) {
  for (const char digit : digits) {
    if (__builtin_mul_overflow(value, uint64_t{10}, &value) ||
        __builtin_add_overflow(value, static_cast<uint64_t>(digit - '0'), &value)) {
      return false;
    }
  }
  return true;
}

}  // namespace

absl::StatusOr<Currency> ParseCurrency(std::string_view code) {
  const bool letters =
      std::all_of(code.begin(), code.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  if (code.size() != 3 || !letters) {
    return absl::InvalidArgumentError(
        StrCat("not a currency code of three upper-case letters: ", code.substr(0, 64)));
  }
  uint32_t packed = 0;
  for (const char letter : code) packed = packed << 8 | static_cast<uint8_t>(letter);
  return Currency{packed};
}

std::string FormatCurrency(Currency currency) {
  const auto packed = static_cast<uint32_t>(currency);
  if (packed == 0) return "";
  return {static_cast<char>(packed >> 16), static_cast<char>(packed >> 8),
          static_cast<char>(packed)};
}

Money operator+(const Money& a, const Money& b) {
  BATUTA_CHECK(a.currency == b.currency);
  Money sum{.currency = a.currency};
  if (__builtin_add_overflow(a.micros, b.micros, &sum.micros)) {
    sum.micros =
        b.micros > 0 ? std::numeric_limits<int64_t>::max() : std::numeric_limits<int64_t>::min();
  }
  return sum;
}

Money operator-(const Money& a, const Money& b) {
  BATUTA_CHECK(a.currency == b.currency);
  Money difference{.currency = a.currency};
  if (__builtin_sub_overflow(a.micros, b.micros, &difference.micros)) {
    difference.micros =
        b.micros < 0 ? std::numeric_limits<int64_t>::max() : std::numeric_limits<int64_t>::min();
  }
  return difference;
}

absl::StatusOr<int64_t> ParseAmount(std::string_view text) {
  absl::Status refusal = absl::InvalidArgumentError(
      StrCat("not an amount as in 12.30 with at most six decimals: ", text.substr(0, 64)));
  const bool negative = text.starts_with('-');
  const std::string_view number = text.substr(negative ? 1 : 0);
  const size_t point = std::min(number.find('.'), number.size());
  const std::string_view whole = number.substr(0, point);
  const bool has_point = point < number.size();
  std::string decimals(has_point ? number.substr(point + 1) : "");
  if (!IsDigits(whole) || (has_point && !IsDigits(decimals)) || decimals.size() > kDecimalsMax) {
    return refusal;
  }
  decimals.resize(kDecimalsMax, '0');
  uint64_t micros = 0;
  const uint64_t limit = uint64_t{1} << 63;  // of a negative amount; a positive one is below it
  if (!ReadDigits(whole, micros) || !ReadDigits(decimals, micros) || micros > limit ||
      (micros == limit && !negative)) {
    return refusal;
  }
  return static_cast<int64_t>(negative ? 0 - micros : micros);
}

std::string FormatAmount(int64_t micros) {
  auto size = static_cast<uint64_t>(micros);
  if (micros < 0) size = 0 - size;
  std::string text =
      absl::StrFormat("%s%d.%06d", micros < 0 ? "-" : "", size / kUnit, size % kUnit);
  for (int spare = 4; spare > 0 && text.back() == '0'; --spare) text.pop_back();
  return text;
}

std::string FormatMoney(const Money& money) {
  return StrCat(FormatAmount(money.micros), " ", FormatCurrency(money.currency));
}

}  // namespace batuta::base

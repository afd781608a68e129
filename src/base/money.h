// Amounts of money: exact, in millionths of the currency's unit.
//
// Knows no exchange rates: amounts of two currencies cannot be added or compared.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace batuta::base {

// Three upper-case letters as ISO 4217 has them, the first in the highest of the three low bytes.
// 0 is "no currency". Whether the code is assigned is not checked.
enum class Currency : uint32_t {};

absl::StatusOr<Currency> ParseCurrency(std::string_view code);  // "MXN"; upper case only
std::string FormatCurrency(Currency currency);                  // "" for no currency

struct Money {
  int64_t micros = 0;  // 1e-6 of the currency's unit
  Currency currency{};
  friend bool operator==(const Money&, const Money&) = default;
};

// Sums saturate at the ends of the range. Requires: the same currency.
Money operator+(const Money& a, const Money& b);
Money operator-(const Money& a, const Money& b);

// Decimal text to millionths and back: "12.30", "-0.000001". At most six decimals are accepted, no
// exponent, no separators, no plus sign; what does not fit is refused. Written with two decimals,
// or as many more as are needed.
absl::StatusOr<int64_t> ParseAmount(std::string_view text);
std::string FormatAmount(int64_t micros);

// "12.30 MXN"
std::string FormatMoney(const Money& money);

}  // namespace batuta::base

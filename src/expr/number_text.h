// Numbers as text and back, in the same way on every machine and in every locale.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace batuta::expr {

// The shortest text that reads back the same: "123.456", "1e+30", "NaN", "Infinity". Without an
// exponent between 1e-7 and 1e21, so that whole numbers look like it.
std::string DoubleText(double number);

// Decimal, all of the text, no spaces. Nothing if it is no number or beyond the type.
std::optional<int64_t> ParseInt(std::string_view text);
std::optional<uint64_t> ParseUint(std::string_view text);
// Also "NaN", "Infinity", "inf" and their negatives.
std::optional<double> ParseDouble(std::string_view text);

}  // namespace batuta::expr

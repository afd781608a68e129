// A predictor's value as a code: what models count, whatever their version.
//
// A number keeps its sign, its power of two and ten bits behind the leading one, so whole numbers
// up to 2048 and all values within 0.1 % are told apart; the codes of numbers rise with them. A
// symbol is a hash of its text. All micro-bins are sets of codes, so an example can be counted by
// any owner at any time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace batuta::learn {

inline constexpr uint64_t kMissingCode = 0;
inline constexpr uint64_t kRemainingCode = 2;  // symbols without a micro-bin; no text has it

// From -2^44 to 2^44; what is nearer to 0 than 2^-20 is 0. A number that is none is missing.
uint64_t NumberCode(double value);
uint64_t SymbolCode(std::string_view text);

inline bool IsNumber(uint64_t code) { return (code & 1) != 0; }
inline bool IsSymbol(uint64_t code) { return code != kMissingCode && !IsNumber(code); }

// Requires: IsNumber(code). Ordered as the numbers are.
inline int32_t OrderOf(uint64_t code) {
  const auto folded = static_cast<uint32_t>(code >> 1);
  return static_cast<int32_t>(folded >> 1) ^ -static_cast<int32_t>(folded & 1);
}
uint64_t CodeOfOrder(int32_t order);
// The number of least size that has the code.
double ValueOfOrder(int32_t order);

// A text as it is shown in reports: its first 64 bytes, whole characters.
std::string LabelOf(std::string_view text);

// Names a predictor in messages.
uint32_t PredictorKey(std::string_view name);

}  // namespace batuta::learn

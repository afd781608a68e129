#include "learn/predictor_code.h"

#include <algorithm>
#include <bit>

#include "base/hash.h"

namespace batuta::learn {
namespace {

constexpr int kMantissaBits = 10;
constexpr int kDropped = 52 - kMantissaBits;
constexpr int kLeastExponent = -20;
constexpr int kMostExponent = 44;
// The bits of the least number that is not 0, without those dropped.
constexpr int64_t kFirst = (int64_t{1023 + kLeastExponent} << kMantissaBits);
constexpr int32_t kLast = (kMostExponent - kLeastExponent) << kMantissaBits;
constexpr size_t kLabelMax = 64;

}  // namespace

uint64_t NumberCode(double value) {
  if (value != value) return kMissingCode;
  const auto bits = std::bit_cast<uint64_t>(value);
  const auto size = static_cast<int64_t>((bits & ~(uint64_t{1} << 63)) >> kDropped);
  const auto order = static_cast<int32_t>(std::clamp<int64_t>(size - kFirst + 1, 0, kLast));
  return CodeOfOrder(value < 0 ? -order : order);
}

uint64_t SymbolCode(std::string_view text) {
  const uint64_t hash = base::Hash64(text) >> 32;
  return std::max<uint64_t>(hash, 2) << 1;
}

uint64_t CodeOfOrder(int32_t order) {
  const uint32_t folded = (static_cast<uint32_t>(order) << 1) ^ static_cast<uint32_t>(order >> 31);
  return (uint64_t{folded} << 1) | 1;
}

double ValueOfOrder(int32_t order) {
  if (order == 0) return 0;
  const int64_t size = int64_t{order < 0 ? -order : order} - 1 + kFirst;
  const auto value = std::bit_cast<double>(static_cast<uint64_t>(size) << kDropped);
  return order < 0 ? -value : value;
}

std::string LabelOf(std::string_view text) {
  if (text.size() <= kLabelMax) return std::string(text);
  size_t end = kLabelMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string(text.substr(0, end));
}

uint32_t PredictorKey(std::string_view name) {
  return static_cast<uint32_t>(base::Hash64(name) >> 32);
}

}  // namespace batuta::learn

#include "feature/exact_sum.h"

#include <bit>
#include <cmath>
#include <limits>

#include "base/status.h"

namespace batuta::feature {
namespace {

constexpr int kMantissaBits = 53;
constexpr int kOneBit = 17 * 64;  // the bit whose weight is 2^0

// Adds with carry from limb `at` upwards.
template <typename Limbs>
void AddAt(Limbs& limbs, size_t at, uint64_t low, uint64_t high) {
  unsigned carry = 0;
  for (size_t i = at; i < limbs.size(); ++i) {
    const uint64_t part = i == at ? low : i == at + 1 ? high : 0;
    if (i > at + 1 && carry == 0) return;
    const uint64_t sum = limbs[i] + part;
    const uint64_t total = sum + carry;
    carry = static_cast<unsigned>(sum < part) + static_cast<unsigned>(total < sum);
    limbs[i] = total;
  }
}

template <typename Limbs>
void SubtractAt(Limbs& limbs, size_t at, uint64_t low, uint64_t high) {
  unsigned borrow = 0;
  for (size_t i = at; i < limbs.size(); ++i) {
    const uint64_t part = i == at ? low : i == at + 1 ? high : 0;
    if (i > at + 1 && borrow == 0) return;
    const uint64_t difference = limbs[i] - part;
    const uint64_t total = difference - borrow;
    borrow = static_cast<unsigned>(limbs[i] < part) + static_cast<unsigned>(difference < total);
    limbs[i] = total;
  }
}

template <typename Limbs>
void Negate(Limbs& limbs) {
  unsigned carry = 1;
  for (uint64_t& limb : limbs) {
    limb = ~limb + carry;
    if (limb != 0) carry = 0;
  }
}

}  // namespace

ExactSum::ExactSum(const SumState& state) {
  BATUTA_CHECK(state.lowest() + static_cast<uint32_t>(state.limbs_size()) < kLimbs,
               "a sum has more limbs than there are");
  for (int i = 0; i < state.limbs_size(); ++i) {
    limbs_[state.lowest() + static_cast<uint32_t>(i)] = state.limbs(i);
  }
  if (state.negative()) Negate(limbs_);
}

void ExactSum::Add(double number) {
  BATUTA_CHECK(std::isfinite(number));
  const auto bits = std::bit_cast<uint64_t>(number);
  const int exponent = static_cast<int>(bits >> 52 & 0x7FF);
  uint64_t mantissa = bits & ((uint64_t{1} << 52) - 1);
  if (exponent != 0) mantissa |= uint64_t{1} << 52;
  // A double is mantissa * 2^(exponent - 1075), where exponent 0 counts as 1.
  const int place = (exponent == 0 ? 1 : exponent) - 1075 + kOneBit;
  const auto at = static_cast<size_t>(place / 64);
  const int shift = place % 64;
  const uint64_t low = mantissa << shift;
  const uint64_t high = shift == 0 ? 0 : mantissa >> (64 - shift);
  if (bits >> 63 != 0) {
    SubtractAt(limbs_, at, low, high);
  } else {
    AddAt(limbs_, at, low, high);
  }
}

void ExactSum::Add(const ExactSum& other) {
  unsigned carry = 0;
  for (size_t i = 0; i < limbs_.size(); ++i) {
    const uint64_t sum = limbs_[i] + other.limbs_[i];
    const uint64_t total = sum + carry;
    carry = static_cast<unsigned>(sum < other.limbs_[i]) + static_cast<unsigned>(total < sum);
    limbs_[i] = total;
  }
}

std::array<uint64_t, ExactSum::kLimbs> ExactSum::Magnitude(bool& negative) const {
  std::array<uint64_t, kLimbs> limbs = limbs_;
  negative = limbs[kLimbs - 1] >> 63 != 0;
  if (negative) Negate(limbs);
  return limbs;
}

double ExactSum::Round() const {
  bool negative = false;
  const std::array<uint64_t, kLimbs> limbs = Magnitude(negative);
  int top = kLimbs - 1;
  while (top >= 0 && limbs[static_cast<size_t>(top)] == 0) --top;
  if (top < 0) return 0;
  const auto bit = [&](int place) { return limbs[static_cast<size_t>(place / 64)] >> place % 64; };
  const int highest = top * 64 + 63 - std::countl_zero(limbs[static_cast<size_t>(top)]);
  // The lowest bit that the double can hold: of a subnormal it is that of 2^-1074.
  const int lowest = std::max(highest - kMantissaBits + 1, kOneBit - 1074);
  uint64_t mantissa = bit(lowest);
  if (lowest % 64 != 0 && lowest / 64 + 1 < kLimbs) {
    mantissa |= limbs[static_cast<size_t>(lowest / 64 + 1)] << (64 - lowest % 64);
  }
  mantissa &= (uint64_t{1} << kMantissaBits) - 1;
  bool half = false;
  bool rest = false;
  if (lowest > 0) {
    half = (bit(lowest - 1) & 1) != 0;
    const auto half_limb = static_cast<size_t>((lowest - 1) / 64);
    rest = (limbs[half_limb] & ((uint64_t{1} << (lowest - 1) % 64) - 1)) != 0;
    for (size_t i = 0; i < half_limb; ++i) rest |= limbs[i] != 0;
  }
  if (half && (rest || (mantissa & 1) != 0)) ++mantissa;
  const double magnitude = std::ldexp(static_cast<double>(mantissa), lowest - kOneBit);
  return negative ? -magnitude : magnitude;
}

bool ExactSum::IsZero() const {
  for (const uint64_t limb : limbs_) {
    if (limb != 0) return false;
  }
  return true;
}

void ExactSum::Store(SumState& state) const {
  bool negative = false;
  const std::array<uint64_t, kLimbs> limbs = Magnitude(negative);
  state.Clear();
  size_t begin = 0;
  size_t end = limbs.size();
  while (end > 0 && limbs[end - 1] == 0) --end;
  if (end == 0) return;
  while (limbs[begin] == 0) ++begin;
  state.set_negative(negative);
  state.set_lowest(static_cast<uint32_t>(begin));
  for (size_t i = begin; i < end; ++i) state.add_limbs(limbs[i]);
}

// Two doubles hold most sums exactly: the error of an addition of doubles is a double (Knuth, "The
// Art of Computer Programming", volume 2, 4.2.2, theorem B), and as long as adding up the errors
// makes none the two are the sum, which their own addition rounds once.
double ExactSumOf(std::span<const double> numbers) {
  const auto error_of = [](double a, double b, double sum) {
    const double b_part = sum - a;
    return (a - (sum - b_part)) + (b - b_part);
  };
  double sum = 0;
  double errors = 0;
  double lost = 0;
  for (const double number : numbers) {
    const double next = sum + number;
    const double error = error_of(sum, number, next);
    const double next_errors = errors + error;
    lost += std::abs(error_of(errors, error, next_errors));
    sum = next;
    errors = next_errors;
  }
  if (lost == 0) return sum + errors;  // not so if anything was not finite
  ExactSum whole;
  for (const double number : numbers) whole.Add(number);
  return whole.Round();
}

}  // namespace batuta::feature

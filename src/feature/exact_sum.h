// The exact sum of doubles: kept as an integer wide enough for every double, rounded only when
// read.
//
// So a sum depends on what was added, never on the order, what was added can be taken away again,
// and two sums can be added. After Kulisch, "Computer Arithmetic and Validity" (2013): a long
// accumulator; here of 64-bit limbs, stored without those that are 0. Up to 2^62 numbers.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "feature/feature.pb.h"

namespace batuta::feature {

class ExactSum {
 public:
  ExactSum() = default;
  explicit ExactSum(const SumState& state);

  // Requires: finite.
  void Add(double number);
  void Subtract(double number) { Add(-number); }
  void Add(const ExactSum& other);

  // The double that is nearest, ties to even; infinite beyond the range of doubles.
  double Round() const;

  bool IsZero() const;
  // One form for each sum.
  void Store(SumState& state) const;

 private:
  // Two's complement. The least bit of all doubles, 2^-1074, is bit 14 of limb 0, so that the limbs
  // end at multiples of 64 and 2^0 is bit 0 of limb 17.
  static constexpr int kLimbs = 35;

  std::array<uint64_t, kLimbs> Magnitude(bool& negative) const;

  std::array<uint64_t, kLimbs> limbs_{};
};

// The exact sum of these numbers, rounded once as Round() does. Requires: finite.
double ExactSumOf(std::span<const double> numbers);

}  // namespace batuta::feature

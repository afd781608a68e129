// Random numbers that can be drawn again: the fold's only dice.
//
// A stream is named by the hub's seed, the id of the request or event, a purpose and the name of a
// candidate; never by a partition or an offset. Removing one candidate leaves the others' draws
// alone, and a replay draws the same. The generator is counter-based: Philox4x32-10 of Salmon,
// Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
//
// Not for secrets: who knows the seed knows every draw. One Random is used by one thread.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/ids.h"

namespace batuta::base {

class Random {
 public:
  Random(uint64_t hub_seed, const Id128& id, std::string_view purpose, std::string_view name);

  uint64_t Bits();                 // 64 uniform bits
  double Uniform();                // a multiple of 2^-53 in [0, 1)
  uint64_t Below(uint64_t count);  // uniform in [0, count), exactly. Requires: count > 0.

 private:
  uint64_t stream_ = 0;  // the upper half of the counter
  uint64_t block_ = 0;   // the lower half: the number of the next block
  std::array<uint32_t, 2> key_{};
  std::array<uint64_t, 2> words_{};
  int left_ = 0;  // words of the current block not yet handed out
};

// Standard normal: the polar method of Marsaglia and Bray (1964).
double Normal(Random& random);

// Gamma with the given shape and scale 1: Marsaglia and Tsang, "A simple method for generating
// gamma variables" (2000). Requires: shape > 0 and finite.
double Gamma(Random& random, double shape);

// Beta(a, b), in [0, 1]. Small shapes are drawn by logarithms, so that no pair underflows to 0 / 0.
// Requires: a > 0 and b > 0, finite.
double Beta(Random& random, double a, double b);

namespace internal {
// One block of Philox4x32-10; here for the known answers of its authors.
std::array<uint32_t, 4> Philox4x32(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key);
}  // namespace internal

}  // namespace batuta::base

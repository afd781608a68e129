// Finds the values of given ranks among numbers that lie in several places, exactly, without
// bringing the numbers together.
//
// It is a radix selection (D. E. Knuth, The Art of Computer Programming 3, 5.2.5 and exercise
// 5.2.2-31, spread over places): numbers are keys of 64 bits in their order, of which the highest
// are found first, eight at a time. In each round every place counts, of the keys that begin like
// one that is looked for, how many go on with each of the 256 bytes; the sums tell which byte it
// is. After eight rounds the keys are known. What travels a round is 256 counts for each value that
// is looked for at most, however many numbers there are. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "population/population.pb.h"

namespace batuta::population {

inline constexpr uint32_t kKeyBits = 64;
inline constexpr uint32_t kBitsARound = 8;
inline constexpr size_t kDigits = size_t{1} << kBitsARound;

// Ascending as the numbers are; -0 is 0. Requires: no NaN.
uint64_t KeyOf(double number);
double NumberOf(uint64_t key);

// Begins to look for the values of these ranks, each in [1, people].
Selection BeginSelection(uint64_t people, std::span<const uint64_t> ranks);
bool IsFound(const Selection& selection);

// What the places are asked: the beginnings of the keys that are looked for, ascending, each once.
std::vector<uint64_t> PrefixesOf(const Selection& selection);

// A place's answer: kDigits counts for each prefix, of `bits` bits.
class DigitCounts {
 public:
  DigitCounts(std::vector<uint64_t> prefixes, uint32_t bits);
  void Add(std::span<const uint64_t> keys);
  const std::vector<uint64_t>& counts() const { return counts_; }

 private:
  const std::vector<uint64_t> prefixes_;
  const uint32_t bits_;
  std::vector<uint64_t> counts_;
};

// Takes the sums of what the places have answered. Requires: not found, and as many as were asked.
void TakeCounts(std::span<const uint64_t> counts, Selection& selection);

}  // namespace batuta::population

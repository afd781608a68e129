#include "population/selection.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "base/status.h"

namespace batuta::population {
namespace {

constexpr uint64_t kSign = uint64_t{1} << 63;

}  // namespace

uint64_t KeyOf(double number) {
  BATUTA_CHECK(!std::isnan(number));
  const auto bits = std::bit_cast<uint64_t>(number == 0 ? 0.0 : number);
  return (bits & kSign) != 0 ? ~bits : bits | kSign;
}

double NumberOf(uint64_t key) {
  return std::bit_cast<double>((key & kSign) != 0 ? key & ~kSign : ~key);
}

Selection BeginSelection(uint64_t people, std::span<const uint64_t> ranks) {
  Selection selection;
  selection.set_people(people);
  for (const uint64_t rank : ranks) {
    BATUTA_CHECK(rank >= 1 && rank <= people);
    Target& target = *selection.add_targets();
    target.set_rank(rank);
    target.set_rest(rank);
  }
  return selection;
}

bool IsFound(const Selection& selection) {
  return selection.bits() == kKeyBits || selection.targets().empty();
}

std::vector<uint64_t> PrefixesOf(const Selection& selection) {
  std::vector<uint64_t> prefixes;
  for (const Target& target : selection.targets()) prefixes.push_back(target.prefix());
  std::sort(prefixes.begin(), prefixes.end());
  prefixes.erase(std::unique(prefixes.begin(), prefixes.end()), prefixes.end());
  return prefixes;
}

DigitCounts::DigitCounts(std::vector<uint64_t> prefixes, uint32_t bits)
    : prefixes_(std::move(prefixes)), bits_(bits), counts_(prefixes_.size() * kDigits) {
  BATUTA_CHECK(bits < kKeyBits);
}

void DigitCounts::Add(std::span<const uint64_t> keys) {
  for (const uint64_t key : keys) {
    const uint64_t prefix = bits_ == 0 ? 0 : key >> (kKeyBits - bits_);
    const auto found = std::lower_bound(prefixes_.begin(), prefixes_.end(), prefix);
    if (found == prefixes_.end() || *found != prefix) continue;
    const uint64_t digit = key >> (kKeyBits - bits_ - kBitsARound) & (kDigits - 1);
    ++counts_[static_cast<size_t>(found - prefixes_.begin()) * kDigits + digit];
  }
}

void TakeCounts(std::span<const uint64_t> counts, Selection& selection) {
  BATUTA_CHECK(!IsFound(selection));
  const std::vector<uint64_t> prefixes = PrefixesOf(selection);
  BATUTA_CHECK(counts.size() == prefixes.size() * kDigits);
  for (Target& target : *selection.mutable_targets()) {
    const auto at = std::lower_bound(prefixes.begin(), prefixes.end(), target.prefix());
    const auto own = counts.subspan(static_cast<size_t>(at - prefixes.begin()) * kDigits, kDigits);
    size_t digit = 0;
    while (target.rest() > own[digit]) {
      target.set_rest(target.rest() - own[digit++]);
      BATUTA_CHECK(digit < kDigits, "the counts are of all the people");
    }
    target.set_prefix(target.prefix() << kBitsARound | digit);
    target.set_equal(own[digit]);
  }
  selection.set_bits(selection.bits() + kBitsARound);
}

}  // namespace batuta::population

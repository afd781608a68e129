#include "policy/pressure.h"

#include <algorithm>
#include <array>

#include "absl/numeric/int128.h"
#include "base/status.h"

namespace batuta::policy {
namespace {

// Factors are fractions of 2^62.
constexpr int kOneBits = 62;
constexpr uint64_t kOne = uint64_t{1} << kOneBits;

uint64_t Product(uint64_t a, uint64_t b) {
  return static_cast<uint64_t>((absl::uint128(a) * b) >> kOneBits);
}

// The greatest root with root * root <= of.
uint64_t RootOf(absl::uint128 of) {
  uint64_t root = 0;
  for (int bit = 62; bit >= 0; --bit) {
    const uint64_t tried = root | uint64_t{1} << bit;
    if (absl::uint128(tried) * tried <= of) root = tried;
  }
  return root;
}

// A time within a half-life is a fraction of 2^32 of it, in four bytes, the highest first. For each
// value of each byte: 2 to the power of minus that much.
using Table = std::array<std::array<uint64_t, 256>, 4>;

Table MakeTable() {
  Table table{};
  uint64_t root = kOne / 2;  // 2^-(2^-i), by taking roots of a half
  for (auto& row : table) {
    row[0] = kOne;
    for (size_t bit = 128; bit > 0; bit /= 2) {
      root = RootOf(absl::uint128(root) << kOneBits);
      row[bit] = root;
    }
    for (size_t value = 1; value < 256; ++value) {
      const size_t lowest = value & (~value + 1);
      if (value != lowest) row[value] = Product(row[value - lowest], row[lowest]);
    }
  }
  return table;
}

const Table& Powers() {
  static const Table table = MakeTable();
  return table;
}

}  // namespace

int64_t WeightLeft(int64_t weight, base::Duration age, base::Duration half_life) {
  BATUTA_CHECK(weight >= 0 && weight <= 1'000'000'000'000 && half_life.micros > 0);
  if (age.micros <= 0) return weight;
  const int64_t halvings = age.micros / half_life.micros;
  if (halvings >= kHalfLivesCounted) return 0;
  const auto rest = static_cast<uint64_t>(age.micros % half_life.micros);
  const auto fraction =
      static_cast<uint64_t>((absl::uint128(rest) << 32) / static_cast<uint64_t>(half_life.micros));
  const Table& powers = Powers();
  uint64_t factor = powers[0][fraction >> 24];
  factor = Product(factor, powers[1][fraction >> 16 & 0xff]);
  factor = Product(factor, powers[2][fraction >> 8 & 0xff]);
  factor = Product(factor, powers[3][fraction & 0xff]);
  const int bits = kOneBits + static_cast<int>(halvings);
  const absl::uint128 left = absl::uint128(static_cast<uint64_t>(weight)) * factor;
  const absl::uint128 up = (absl::uint128(1) << bits) - 1;
  return static_cast<int64_t>(absl::Uint128Low64((left + up) >> bits));
}

int64_t PressureAt(absl::Span<const WeightedContact> contacts, base::Time now,
                   base::Duration half_life) {
  int64_t sum = 0;
  for (const WeightedContact& contact : contacts) {
    sum += WeightLeft(contact.weight, now - contact.at, half_life);
  }
  return sum;
}

base::Time PressureFallsTo(int64_t limit, absl::Span<const WeightedContact> contacts,
                           base::Time now, base::Duration half_life) {
  if (limit < 0) return base::kDistantFuture;
  if (PressureAt(contacts, now, half_life) <= limit) return now;
  base::Time above = now;  // there the pressure is above the limit, and at `below` it is not
  base::Time below = now;
  for (const WeightedContact& contact : contacts) {
    below = std::max(below, contact.at + base::Duration{half_life.micros * kHalfLivesCounted});
  }
  while (below.micros - above.micros > 1) {
    const base::Time middle{above.micros + (below.micros - above.micros) / 2};
    (PressureAt(contacts, middle, half_life) <= limit ? below : above) = middle;
  }
  return below;
}

}  // namespace batuta::policy

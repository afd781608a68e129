#include "feature/value_hash.h"

#include <array>
#include <bit>
#include <string_view>

#include "base/hash.h"

namespace batuta::feature {
namespace {

// Stored within state: never renumber.
enum class Mark : uint64_t { kBool = 1, kNumber, kText, kTimestamp, kDuration, kSlot };

template <size_t kCount>
base::Id128 HashNumbers(Mark mark, const std::array<uint64_t, kCount>& numbers) {
  std::array<char, kCount * 8> bytes;
  for (size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<char>(numbers[i / 8] >> i % 8 * 8 & 0xFF);
  }
  return base::Hash128({bytes.data(), bytes.size()}, static_cast<uint64_t>(mark));
}

base::Id128 HashNumber(double number) {
  return HashNumbers<1>(Mark::kNumber, {std::bit_cast<uint64_t>(number + 0.0)});
}

}  // namespace

bool HashOf(const expr::Value& value, base::Id128& hash) {
  switch (value.kind()) {
    case expr::Kind::kBool:
      hash = HashNumbers<1>(Mark::kBool, {value.AsBool() ? 1u : 0u});
      break;
    case expr::Kind::kInt:
      hash = HashNumber(static_cast<double>(value.AsInt()));
      break;
    case expr::Kind::kUint:
      hash = HashNumber(static_cast<double>(value.AsUint()));
      break;
    case expr::Kind::kDouble:
      if (value.AsDouble() != value.AsDouble()) return false;
      hash = HashNumber(value.AsDouble());
      break;
    case expr::Kind::kString:
      hash = base::Hash128(value.AsText(), static_cast<uint64_t>(Mark::kText));
      break;
    case expr::Kind::kTimestamp:
      hash =
          HashNumbers<2>(Mark::kTimestamp, {static_cast<uint64_t>(value.seconds()), value.nanos()});
      break;
    case expr::Kind::kDuration:
      hash = HashNumbers<1>(Mark::kDuration, {static_cast<uint64_t>(value.duration_nanos())});
      break;
    default:
      return false;
  }
  if (hash.IsZero()) hash.low = 1;
  return true;
}

base::Id128 HashInSlot(const base::Id128& value, int64_t time, base::Duration unit) {
  const int64_t slot = time / unit.micros - (time % unit.micros < 0 ? 1 : 0);
  return HashNumbers<3>(Mark::kSlot, {value.high, value.low, static_cast<uint64_t>(slot)});
}

}  // namespace batuta::feature

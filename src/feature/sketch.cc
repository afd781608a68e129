#include "feature/sketch.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <string>

#include "base/math.h"

namespace batuta::feature {
namespace {

constexpr int kRegisters = 1 << kSketchBits;
constexpr int kSparseMax = kRegisters / 4;
constexpr int kRankBits = 6;
constexpr int kRankMax = 64 - kSketchBits + 1;

uint32_t RankOf(uint64_t hash) {
  const uint64_t rest = hash << kSketchBits;
  return rest == 0 ? kRankMax : static_cast<uint32_t>(std::countl_zero(rest)) + 1;
}

void MakeDense(FeatureState& state) {
  std::string& dense = *state.mutable_dense_registers();
  dense.assign(kRegisters, '\0');
  for (const uint32_t packed : state.registers()) {
    dense[packed >> kRankBits] = static_cast<char>(packed & ((1u << kRankBits) - 1));
  }
  state.clear_registers();
}

void RaiseSparse(uint32_t index, uint32_t rank, FeatureState& state) {
  auto& registers = *state.mutable_registers();
  const auto found = std::lower_bound(registers.begin(), registers.end(), index << kRankBits);
  const uint32_t packed = index << kRankBits | rank;
  if (found != registers.end() && *found >> kRankBits == index) {
    *found = std::max(*found, packed);
    return;
  }
  const auto at = found - registers.begin();
  registers.Add(packed);
  std::rotate(registers.begin() + at, registers.end() - 1, registers.end());
  if (registers.size() > kSparseMax) MakeDense(state);
}

void Raise(uint32_t index, uint32_t rank, FeatureState& state) {
  if (state.dense_registers().empty()) return RaiseSparse(index, rank, state);
  char& kept = (*state.mutable_dense_registers())[index];
  kept = std::max(kept, static_cast<char>(rank));
}

// Ertl's sigma and tau: sums over what too few registers cannot tell.
double Sigma(double x) {
  if (x == 1) return std::numeric_limits<double>::infinity();
  double y = 1;
  double z = x;
  for (double last = -1; z != last;) {
    x *= x;
    last = z;
    z += x * y;
    y += y;
  }
  return z;
}

double Tau(double x) {
  if (x == 0 || x == 1) return 0;
  double y = 1;
  double z = 1 - x;
  for (double last = -1; z != last;) {
    x = base::Sqrt(x);
    last = z;
    y *= 0.5;
    z -= (1 - x) * (1 - x) * y;
  }
  return z / 3;
}

}  // namespace

void TakeHash(uint64_t hash, FeatureState& state) {
  Raise(static_cast<uint32_t>(hash >> (64 - kSketchBits)), RankOf(hash), state);
}

void MergeSketch(const FeatureState& from, FeatureState& into) {
  for (const uint32_t packed : from.registers()) {
    Raise(packed >> kRankBits, packed & ((1u << kRankBits) - 1), into);
  }
  for (size_t i = 0; i < from.dense_registers().size(); ++i) {
    const auto rank = static_cast<uint32_t>(from.dense_registers()[i]);
    if (rank > 0) Raise(static_cast<uint32_t>(i), rank, into);
  }
}

double EstimateDistinct(const FeatureState& state) {
  std::array<int, kRankMax + 1> counts{};
  if (state.dense_registers().empty()) {
    counts[0] = kRegisters - state.registers_size();
    for (const uint32_t packed : state.registers()) {
      ++counts[packed & ((1u << kRankBits) - 1)];
    }
  } else {
    for (const char rank : state.dense_registers()) ++counts[static_cast<size_t>(rank)];
  }
  if (counts[0] == kRegisters) return 0;
  constexpr double kCount = kRegisters;
  constexpr double kLn2 = 0.6931471805599453;
  double z = kCount * Tau(1 - counts[kRankMax] / kCount);
  for (size_t rank = kRankMax - 1; rank >= 1; --rank) z = 0.5 * (z + counts[rank]);
  z += kCount * Sigma(counts[0] / kCount);
  return std::floor(kCount * kCount / (2 * kLn2 * z) + 0.5);
}

}  // namespace batuta::feature

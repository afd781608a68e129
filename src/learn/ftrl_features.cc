#include "learn/ftrl_features.h"

#include <algorithm>
#include <optional>

#include "base/encoding.h"
#include "base/hash.h"
#include "learn/predictor_code.h"

namespace batuta::learn {
namespace {

constexpr double kSpreadsMax = 4;

// The range that a number is in, by the code of where it begins; those below all are one range.
uint64_t RangeOf(const NumberScale& scale, uint64_t code) {
  const auto above = std::upper_bound(scale.bounds.begin(), scale.bounds.end(), OrderOf(code));
  return CodeOfOrder(above == scale.bounds.begin() ? scale.bounds.front() - 1 : *(above - 1));
}

const NumberScale* ScaleOf(absl::Span<const NumberScale> scales, uint32_t key) {
  const auto found = std::find_if(scales.begin(), scales.end(),
                                  [key](const NumberScale& scale) { return scale.key == key; });
  return found == scales.end() ? nullptr : &*found;
}

// What stands for a value where it is one of several: its symbol, missing, or its range.
std::optional<uint64_t> LevelOf(uint64_t code, const NumberScale* scale) {
  if (!IsNumber(code)) return code;
  if (scale == nullptr || scale->bounds.empty()) return std::nullopt;
  return RangeOf(*scale, code);
}

std::optional<int> PlaceOf(const PredictorValues& values, uint32_t key) {
  const auto found = std::find(values.keys().begin(), values.keys().end(), key);
  if (found == values.keys().end()) return std::nullopt;
  return static_cast<int>(found - values.keys().begin());
}

Feature Named(FeatureName name, double value, int place, int cross_place = -1) {
  return {.slot = SlotOf(name),
          .value = value,
          .name = name,
          .place = place,
          .cross_place = cross_place};
}

}  // namespace

uint32_t SlotOf(const FeatureName& name) {
  base::ByteWriter writer;
  writer.U32(name.key);
  writer.U64(name.code);
  if (name.cross_key != 0) {
    writer.U32(name.cross_key);
    writer.U64(name.cross_code);
  }
  return static_cast<uint32_t>(base::Hash64(writer.bytes()) >> (64 - kSlotBits));
}

std::vector<Feature> FeaturesOf(const PredictorValues& values, absl::Span<const NumberScale> scales,
                                absl::Span<const Cross> crosses) {
  std::vector<Feature> features;
  features.reserve(1 + 2 * static_cast<size_t>(values.keys_size()) + crosses.size());
  features.push_back(Named({}, 1, -1));
  std::vector<std::optional<uint64_t>> levels;
  for (int i = 0; i < values.keys_size(); ++i) {
    const uint32_t key = values.keys(i);
    const uint64_t code = values.codes(i);
    const NumberScale* scale = IsNumber(code) ? ScaleOf(scales, key) : nullptr;
    if (scale != nullptr && scale->spread > 0) {
      const double away = (ValueOfOrder(OrderOf(code)) - scale->mean) / scale->spread;
      features.push_back(
          Named({.key = key, .code = kSlopeCode}, std::clamp(away, -kSpreadsMax, kSpreadsMax), i));
    }
    levels.push_back(LevelOf(code, scale));
    if (levels.back().has_value()) {
      features.push_back(Named({.key = key, .code = *levels.back()}, 1, i));
    }
  }
  for (const Cross& cross : crosses) {
    const auto a = PlaceOf(values, cross.key);
    const auto b = PlaceOf(values, cross.cross_key);
    if (!a.has_value() || !b.has_value()) continue;
    const auto level = levels[static_cast<size_t>(*a)];
    const auto cross_level = levels[static_cast<size_t>(*b)];
    if (!level.has_value() || !cross_level.has_value()) continue;
    features.push_back(Named({.key = cross.key,
                              .code = *level,
                              .cross_key = cross.cross_key,
                              .cross_code = *cross_level},
                             1, *a, *b));
  }
  return features;
}

}  // namespace batuta::learn

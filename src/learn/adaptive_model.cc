#include "learn/adaptive_model.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <set>
#include <utility>

#include "base/encoding.h"
#include "base/hash.h"
#include "base/status.h"
#include "learn/cells.h"
#include "learn/drift.h"
#include "learn/era_counts.h"
#include "learn/predictor_code.h"

namespace batuta::learn {
namespace {

constexpr size_t kNumbersMax = 256;  // different ones
constexpr size_t kSymbolsMax = 200;
constexpr double kNumberBins = 100;
constexpr int32_t kPower = 1024;  // from a power of two to the next, in orders of codes
constexpr int kSampleMax = 1024;
constexpr uint64_t kAllCode = 0;                // of what is counted of all examples
constexpr uint64_t kWeightMax = 1'000'000'000;  // millionths

EraCount DeltaOf(const TrainingMessage& message, const EraClock& clock) {
  const base::Time time{message.example_time()};
  const int64_t count = std::max<int64_t>(
      1, clock.CountOf(time) * static_cast<int64_t>(message.weight_micros()) / 1'000'000);
  EraCount delta{.era = clock.EraOf(time)};
  int64_t& own = message.positive() ? delta.positives : delta.negatives;
  int64_t& other = message.positive() ? delta.negatives : delta.positives;
  own = message.forget() ? -count : count;
  if (message.replaces() && !message.forget()) other = -count;
  return delta;
}

Deltas DeltasOf(const TrainingMessage& message, const EraClock& clock) {
  Deltas deltas{.all = DeltaOf(message, clock)};
  if (const std::optional<EraClock> recent = clock.Recent(); recent.has_value()) {
    deltas.recent = DeltaOf(message, *recent);
    deltas.recent->era += kRecentFrom;
  }
  return deltas;
}

uint64_t MicroBin(const PredictorCounts& predictor, uint64_t code) {
  if (IsSymbol(code) && !predictor.symbols().empty()) {
    const bool has_own =
        std::binary_search(predictor.symbols().begin(), predictor.symbols().end(), code);
    return has_own ? code : kRemainingCode;
  }
  if (!IsNumber(code) || predictor.bounds().empty()) return code;
  const auto& bounds = predictor.bounds();
  const auto above = std::upper_bound(bounds.begin(), bounds.end(), OrderOf(code));
  return CodeOfOrder(above == bounds.begin() ? *above : *(above - 1));
}

// The place of a predictor, added if it is new.
int PlaceOf(AdaptiveState& state, uint32_t key) {
  auto& all = *state.mutable_predictors();
  const auto found =
      std::lower_bound(all.begin(), all.end(), key,
                       [](const PredictorCounts& p, uint32_t at) { return p.key() < at; });
  const int at = static_cast<int>(found - all.begin());
  if (at < all.size() && all[at].key() == key) return at;
  all.Add()->set_key(key);
  for (int i = all.size() - 1; i > at; --i) all.SwapElements(i, i - 1);
  for (SampledExample& example : *state.mutable_sample()) {
    auto& codes = *example.mutable_codes();
    codes.Add(kMissingCode);
    for (int i = codes.size() - 1; i > at; --i) codes.SwapElements(i, i - 1);
  }
  return at;
}

// The places of the predictors, in the order of the values. One that is new may move others.
std::vector<int> PlacesOf(AdaptiveState& state, const PredictorValues& values) {
  std::vector<int> places(static_cast<size_t>(values.keys_size()));
  const int before = state.predictors_size();
  const auto find = [&] {
    for (size_t i = 0; i < places.size(); ++i) {
      places[i] = PlaceOf(state, values.keys(static_cast<int>(i)));
    }
  };
  find();
  if (state.predictors_size() > before) find();
  return places;
}

// Keeps what a symbol is called while it is counted by itself, and not longer.
void KeepText(uint64_t code, bool is_counted, const PredictorValues& values,
              PredictorCounts& predictor) {
  auto& texts = *predictor.mutable_texts();
  const auto found =
      std::lower_bound(texts.begin(), texts.end(), code,
                       [](const SymbolText& t, uint64_t at) { return t.code() < at; });
  const int at = static_cast<int>(found - texts.begin());
  const bool is_there = at < texts.size() && texts[at].code() == code;
  if (!is_counted) {
    if (is_there) texts.DeleteSubrange(at, 1);
    return;
  }
  if (is_there) return;
  for (const SymbolText& text : values.texts()) {
    if (text.code() != code) continue;
    *texts.Add() = text;
    for (int i = texts.size() - 1; i > at; --i) texts.SwapElements(i, i - 1);
    return;
  }
}

bool IsSampled(const AdaptiveState& state, uint64_t hash) {
  return state.sample_shift() == 0 || (hash >> (64 - state.sample_shift())) == 0;
}

void AddToSample(AdaptiveState& state, const TrainingMessage& message,
                 absl::Span<const int> places) {
  const int32_t change = message.forget() ? -1 : message.replaces() ? 0 : 1;
  base::ByteWriter name;
  name.Bytes(message.decision());
  name.U32(message.slot());
  const uint64_t hash = base::Hash64(name.bytes());
  if (change == 0 || !IsSampled(state, hash)) return;
  auto& sample = *state.mutable_sample();
  const auto found =
      std::lower_bound(sample.begin(), sample.end(), hash,
                       [](const SampledExample& e, uint64_t at) { return e.hash() < at; });
  const int at = static_cast<int>(found - sample.begin());
  if (at == sample.size() || sample[at].hash() != hash) {
    SampledExample& added = *sample.Add();
    added.set_hash(hash);
    added.mutable_codes()->Resize(state.predictors_size(), kMissingCode);
    for (size_t i = 0; i < places.size(); ++i) {
      added.set_codes(places[i], message.values().codes(static_cast<int>(i)));
    }
    for (int i = sample.size() - 1; i > at; --i) sample.SwapElements(i, i - 1);
  }
  sample[at].set_taught(sample[at].taught() + change);
  if (sample[at].taught() == 0) sample.DeleteSubrange(at, 1);
  while (sample.size() > kSampleMax) {
    state.set_sample_shift(state.sample_shift() + 1);
    while (!sample.empty() && !IsSampled(state, sample[sample.size() - 1].hash())) {
      sample.RemoveLast();
    }
  }
}

// A micro-bin's share of the examples.
struct Share {
  uint64_t code;
  double total;
};

// Where micro-bins begin: at powers of two, where the one before has its share, and before a number
// that has it alone.
std::vector<int32_t> BoundsFor(std::vector<Share> numbers) {
  std::sort(numbers.begin(), numbers.end(),
            [](const Share& a, const Share& b) { return OrderOf(a.code) < OrderOf(b.code); });
  double total = 0;
  for (const Share& one : numbers) total += one.total;
  const double share = total / kNumberBins;
  const int32_t most = OrderOf(NumberCode(std::numeric_limits<double>::infinity()));
  std::set<int32_t> bounds = {-most, 0, 1};
  for (int32_t power = kPower; power < most; power += kPower) {
    bounds.insert(power + 1);
    bounds.insert(-power);
  }
  double filled = 0;
  for (const Share& one : numbers) {
    if (filled >= share || (filled > 0 && one.total >= share)) {
      bounds.insert(OrderOf(one.code));
      filled = 0;
    }
    filled += one.total;
  }
  return {bounds.begin(), bounds.end()};
}

std::vector<uint64_t> MostFrequent(std::vector<Share> symbols) {
  std::sort(symbols.begin(), symbols.end(), [](const Share& a, const Share& b) {
    return std::pair(-a.total, a.code) < std::pair(-b.total, b.code);
  });
  if (symbols.size() > kSymbolsMax) symbols.resize(kSymbolsMax);
  std::vector<uint64_t> codes;
  codes.reserve(symbols.size());
  for (const Share& one : symbols) codes.push_back(one.code);
  std::sort(codes.begin(), codes.end());
  return codes;
}

// Settles the micro-bins, where there are too many values, and moves the counts into them.
void SettlePredictor(PredictorCounts& predictor, const EraClock& clock, base::Time now) {
  std::vector<Share> numbers;
  std::vector<Share> symbols;
  ForEachCell(predictor.cells(), [&](uint64_t code, EraCounts counts) {
    const double total = Worth(counts, clock, now).Total();
    if (IsNumber(code)) numbers.push_back({code, total});
    if (IsSymbol(code)) symbols.push_back({code, total});
  });
  const bool numbers_settle = predictor.bounds().empty() && numbers.size() > kNumbersMax;
  const bool symbols_settle = predictor.symbols().empty() && symbols.size() > kSymbolsMax;
  if (!numbers_settle && !symbols_settle) return;
  if (numbers_settle) {
    const std::vector<int32_t> bounds = BoundsFor(std::move(numbers));
    predictor.mutable_bounds()->Assign(bounds.begin(), bounds.end());
  }
  if (symbols_settle) {
    const std::vector<uint64_t> own = MostFrequent(std::move(symbols));
    predictor.mutable_symbols()->Assign(own.begin(), own.end());
  }
  const Cells before = std::exchange(*predictor.mutable_cells(), {});
  ForEachCell(before, [&](uint64_t code, EraCounts counts) {
    const uint64_t settled = MicroBin(predictor, code);
    for (const EraCount& one : counts) Add(settled, {.all = one}, *predictor.mutable_cells());
  });
}

void DropTexts(PredictorCounts& predictor) {
  auto& texts = *predictor.mutable_texts();
  texts.erase(
      std::remove_if(texts.begin(), texts.end(),
                     [&](const SymbolText& text) { return !Has(text.code(), predictor.cells()); }),
      texts.end());
}

void DropUndeclared(AdaptiveState& state, absl::Span<const std::string> declared) {
  std::set<uint32_t> keys;
  for (const std::string& name : declared) keys.insert(PredictorKey(name));
  for (int i = state.predictors_size() - 1; i >= 0; --i) {
    if (keys.contains(state.predictors(i).key())) continue;
    state.mutable_predictors()->DeleteSubrange(i, 1);
    for (SampledExample& example : *state.mutable_sample()) {
      example.mutable_codes()->erase(example.codes().begin() + i);
    }
  }
}

// What counts nothing is not there, so that an example that was taken away leaves no trace.
void DropEmpty(AdaptiveState& state) {
  if (state.counts().codes().empty()) state.clear_counts();
  if (state.scores().codes().empty()) state.clear_scores();
  if (state.predictions().codes().empty()) state.clear_predictions();
  for (PredictorCounts& predictor : *state.mutable_predictors()) {
    if (predictor.cells().codes().empty()) predictor.clear_cells();
  }
}

}  // namespace

EraClock ClockOf(const AdaptiveState& state) {
  return EraClock({state.half_life()}, state.breaks());
}

std::string_view InstanceOf(const TrainingMessage& message) {
  return message.values().shared() ? std::string_view() : message.action();
}

void TrainAdaptive(AdaptiveState& state, const TrainingMessage& message) {
  const PredictorValues& values = message.values();
  BATUTA_CHECK(values.model() == state.model() && InstanceOf(message) == state.action() &&
               message.placement() == state.placement());
  BATUTA_CHECK(values.keys_size() == values.codes_size());
  BATUTA_CHECK(message.weight_micros() > 0 && message.weight_micros() <= kWeightMax);
  const Deltas deltas = DeltasOf(message, ClockOf(state));
  state.set_taught(state.taught() + 1);
  Add(kAllCode, deltas, *state.mutable_counts());
  const std::vector<int> places = PlacesOf(state, values);
  for (int i = 0; i < values.keys_size(); ++i) {
    PredictorCounts& predictor = *state.mutable_predictors(places[static_cast<size_t>(i)]);
    const uint64_t code = MicroBin(predictor, values.codes(i));
    const bool is_counted = Add(code, deltas, *predictor.mutable_cells());
    if (IsSymbol(code) && code != kRemainingCode) KeepText(code, is_counted, values, predictor);
  }
  if (message.has_score()) {
    Add(CodeOfOrder(ScoreStep(message.score())), deltas, *state.mutable_scores());
  }
  if (message.predicted() > 0) {
    const int32_t step = PredictionStep(message.predicted());
    Add(CodeOfOrder(step), deltas, *state.mutable_predictions());
  }
  AddToSample(state, message, places);
  DropEmpty(state);
}

void Settle(AdaptiveState& state, absl::Span<const std::string> declared, base::Time now) {
  if (HasBroken(state, ClockOf(state), now)) state.add_breaks(now.micros);
  const EraClock clock = ClockOf(state);
  DropUndeclared(state, declared);
  DropWorthless(*state.mutable_counts(), clock, now);
  DropWorthless(*state.mutable_scores(), clock, now);
  DropWorthless(*state.mutable_predictions(), clock, now);
  for (PredictorCounts& predictor : *state.mutable_predictors()) {
    DropWorthless(*predictor.mutable_cells(), clock, now);
    SettlePredictor(predictor, clock, now);
    DropTexts(predictor);
  }
  DropEmpty(state);
}

double StepsOf(double standardised) { return std::clamp(standardised, -6.0, 6.0) * 16; }

double StandardisedOf(double steps) { return steps / 16; }

int32_t ScoreStep(double standardised) {
  return static_cast<int32_t>(std::floor(StepsOf(standardised)));
}

int32_t PredictionStep(double probability) {
  return OrderOf(NumberCode(std::clamp(probability, 0.0, 1.0))) >> 5;
}

double ProbabilityOfStep(int32_t step) { return ValueOfOrder((step << 5) + 16); }

}  // namespace batuta::learn

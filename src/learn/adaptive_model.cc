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
#include "learn/era_counts.h"
#include "learn/predictor_code.h"

namespace batuta::learn {
namespace {

constexpr size_t kNumbersMax = 256;  // different ones
constexpr size_t kSymbolsMax = 200;
constexpr double kNumberBins = 100;
constexpr int32_t kPower = 1024;  // from a power of two to the next, in orders of codes
constexpr int kSampleMax = 1024;
constexpr uint64_t kWeightMax = 1'000'000'000;  // millionths

using Cells = google::protobuf::RepeatedPtrField<Cell>;

struct Delta {
  int64_t era = 0;
  int64_t positives = 0;
  int64_t negatives = 0;
};

// What one example adds: by the clock, and once more among the recent ones.
struct Deltas {
  Delta all;
  std::optional<Delta> recent = {};
};

Delta DeltaOf(const TrainingMessage& message, const EraClock& clock) {
  const base::Time time{message.example_time()};
  const int64_t count = std::max<int64_t>(
      1, clock.CountOf(time) * static_cast<int64_t>(message.weight_micros()) / 1'000'000);
  Delta delta{.era = clock.EraOf(time)};
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

void AddDeltas(AllEraCounts& counts, const Deltas& deltas) {
  AddTo(counts, deltas.all.era, deltas.all.positives, deltas.all.negatives);
  if (!deltas.recent.has_value()) return;
  AddTo(counts, deltas.recent->era, deltas.recent->positives, deltas.recent->negatives);
}

void AddToCell(Cells& cells, uint64_t code, const Deltas& deltas) {
  const auto found = std::lower_bound(cells.begin(), cells.end(), code,
                                      [](const Cell& c, uint64_t at) { return c.code() < at; });
  int at = static_cast<int>(found - cells.begin());
  if (at == cells.size() || cells[at].code() != code) {
    cells.Add()->set_code(code);
    for (int i = cells.size() - 1; i > at; --i) cells.SwapElements(i, i - 1);
  }
  AddDeltas(*cells[at].mutable_counts(), deltas);
  if (cells[at].counts().empty()) cells.DeleteSubrange(at, 1);
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

bool HasCell(const PredictorCounts& predictor, uint64_t code) {
  const auto& cells = predictor.cells();
  const auto found = std::lower_bound(cells.begin(), cells.end(), code,
                                      [](const Cell& c, uint64_t at) { return c.code() < at; });
  return found != cells.end() && found->code() == code;
}

// Keeps what a symbol is called while it is counted by itself, and not longer.
void KeepText(PredictorCounts& predictor, uint64_t code, const PredictorValues& values) {
  auto& texts = *predictor.mutable_texts();
  const auto found =
      std::lower_bound(texts.begin(), texts.end(), code,
                       [](const SymbolText& t, uint64_t at) { return t.code() < at; });
  const int at = static_cast<int>(found - texts.begin());
  const bool is_there = at < texts.size() && texts[at].code() == code;
  if (!HasCell(predictor, code)) {
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
  for (const Cell& cell : predictor.cells()) {
    const double total = Worth(cell.counts(), clock, now).Total();
    if (IsNumber(cell.code())) numbers.push_back({cell.code(), total});
    if (IsSymbol(cell.code())) symbols.push_back({cell.code(), total});
  }
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
  for (const Cell& cell : before) {
    const uint64_t code = MicroBin(predictor, cell.code());
    for (const EraCounts& counts : cell.counts()) {
      AddToCell(*predictor.mutable_cells(), code,
                {.all = {counts.era(), counts.positives(), counts.negatives()}});
    }
  }
}

void DropWorthlessCells(Cells& cells, const EraClock& clock, base::Time now) {
  for (Cell& cell : cells) DropWorthless(*cell.mutable_counts(), clock, now);
  cells.erase(std::remove_if(cells.begin(), cells.end(),
                             [](const Cell& cell) { return cell.counts().empty(); }),
              cells.end());
}

void DropTexts(PredictorCounts& predictor) {
  auto& texts = *predictor.mutable_texts();
  texts.erase(
      std::remove_if(texts.begin(), texts.end(),
                     [&](const SymbolText& text) { return !HasCell(predictor, text.code()); }),
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

}  // namespace

std::string_view InstanceOf(const TrainingMessage& message) {
  return message.values().shared() ? std::string_view() : message.action();
}

void TrainAdaptive(AdaptiveState& state, const TrainingMessage& message) {
  const PredictorValues& values = message.values();
  BATUTA_CHECK(values.model() == state.model() && InstanceOf(message) == state.action() &&
               message.placement() == state.placement());
  BATUTA_CHECK(values.keys_size() == values.codes_size());
  BATUTA_CHECK(message.weight_micros() > 0 && message.weight_micros() <= kWeightMax);
  const Deltas deltas = DeltasOf(message, EraClock({state.half_life()}));
  state.set_taught(state.taught() + 1);
  AddDeltas(*state.mutable_counts(), deltas);
  const std::vector<int> places = PlacesOf(state, values);
  for (int i = 0; i < values.keys_size(); ++i) {
    PredictorCounts& predictor = *state.mutable_predictors(places[static_cast<size_t>(i)]);
    const uint64_t code = MicroBin(predictor, values.codes(i));
    AddToCell(*predictor.mutable_cells(), code, deltas);
    if (IsSymbol(code) && code != kRemainingCode) KeepText(predictor, code, values);
  }
  if (message.has_score()) {
    AddToCell(*state.mutable_scores(), CodeOfOrder(ScoreStep(message.score())), deltas);
  }
  if (message.predicted() > 0) {
    const int32_t step = PredictionStep(message.predicted());
    AddToCell(*state.mutable_predictions(), CodeOfOrder(step), deltas);
  }
  AddToSample(state, message, places);
}

void Settle(AdaptiveState& state, absl::Span<const std::string> declared, base::Time now) {
  const EraClock clock({state.half_life()});
  DropUndeclared(state, declared);
  DropWorthless(*state.mutable_counts(), clock, now);
  DropWorthlessCells(*state.mutable_scores(), clock, now);
  DropWorthlessCells(*state.mutable_predictions(), clock, now);
  for (PredictorCounts& predictor : *state.mutable_predictors()) {
    DropWorthlessCells(*predictor.mutable_cells(), clock, now);
    SettlePredictor(predictor, clock, now);
    DropTexts(predictor);
  }
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

#include "learn/ftrl.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "base/math.h"
#include "learn/adaptive_model.h"
#include "learn/adaptive_publish.h"
#include "learn/ftrl_score.h"
#include "learn/predictor_code.h"

namespace batuta::learn {
namespace {

constexpr int64_t kWeekMicros = base::Days(7).micros;
constexpr double kWhole = 1e6;           // millionths in one example
constexpr double kLeastEvidence = 1e-6;  // of a term that is kept
constexpr size_t kSampleForRanges = 200;
constexpr size_t kRangesMax = 16;

using Terms = google::protobuf::RepeatedPtrField<LinearTerm>;
using Scales = google::protobuf::RepeatedPtrField<LinearScale>;

int PlaceOfSlot(const Terms& terms, uint32_t slot) {
  const auto found =
      std::lower_bound(terms.begin(), terms.end(), slot,
                       [](const LinearTerm& t, uint32_t at) { return t.slot() < at; });
  return static_cast<int>(found - terms.begin());
}

const LinearTerm* FindTerm(const Terms& terms, uint32_t slot) {
  const int at = PlaceOfSlot(terms, slot);
  return at < terms.size() && terms[at].slot() == slot ? &terms[at] : nullptr;
}

LinearTerm& TermOf(Terms& terms, const Feature& feature) {
  const int at = PlaceOfSlot(terms, feature.slot);
  if (at < terms.size() && terms[at].slot() == feature.slot) return terms[at];
  LinearTerm& added = *terms.Add();
  added.set_slot(feature.slot);
  added.set_key(feature.name.key);
  added.set_code(feature.name.code);
  added.set_cross_key(feature.name.cross_key);
  added.set_cross_code(feature.name.cross_code);
  for (int i = terms.size() - 1; i > at; --i) terms.SwapElements(i, i - 1);
  return terms[at];
}

LinearScale& ScaleOf(Scales& scales, uint32_t key) {
  const auto found =
      std::lower_bound(scales.begin(), scales.end(), key,
                       [](const LinearScale& s, uint32_t at) { return s.key() < at; });
  const int at = static_cast<int>(found - scales.begin());
  if (at < scales.size() && scales[at].key() == key) return scales[at];
  scales.Add()->set_key(key);
  for (int i = scales.size() - 1; i > at; --i) scales.SwapElements(i, i - 1);
  return scales[at];
}

// The mean and the squares with one more number (Welford, "Note on a method for calculating
// corrected sums of squares and products", Technometrics 4, 1962).
void AddNumber(LinearScale& scale, double number, double weight) {
  const double examples = scale.examples() + weight;
  const double away = number - scale.mean();
  const double mean = scale.mean() + away * weight / examples;
  scale.set_squares(scale.squares() + weight * away * (number - mean));
  scale.set_mean(mean);
  scale.set_examples(examples);
}

double SpreadOf(const LinearScale& scale) {
  return scale.examples() > 0 ? base::Sqrt(scale.squares() / scale.examples()) : 0;
}

std::vector<NumberScale> ScalesOf(const LinearState& linear) {
  std::vector<NumberScale> scales;
  scales.reserve(static_cast<size_t>(linear.scales_size()));
  for (const LinearScale& scale : linear.scales()) {
    scales.push_back({.key = scale.key(),
                      .mean = scale.mean(),
                      .spread = SpreadOf(scale),
                      .bounds = {scale.bounds().data(), static_cast<size_t>(scale.bounds_size())}});
  }
  return scales;
}

// The gradient of the log loss in the log odds, for what the message says of the example.
double GradientOf(const TrainingMessage& message, double predicted) {
  const double label = message.positive() ? 1 : 0;
  const double weight = static_cast<double>(message.weight_micros()) / kWhole;
  if (message.forget()) return weight * (label - predicted);
  if (message.replaces()) return weight * (1 - 2 * label);
  return weight * (predicted - label);
}

void Update(LinearTerm& term, double gradient, const FtrlSettings& settings) {
  const double weight = WeightOf(term, settings);
  const double n = term.n() + gradient * gradient;
  const double step = (base::Sqrt(n) - base::Sqrt(term.n())) / settings.alpha;
  term.set_z(term.z() + gradient - step * weight);
  term.set_n(n);
}

// Those with the most evidence stay: three quarters of what there may be.
void DropLeast(Terms& terms) {
  if (terms.size() <= kTermsMax) return;
  std::vector<std::pair<double, uint32_t>> by_evidence;
  for (const LinearTerm& term : terms) by_evidence.emplace_back(-term.n(), term.slot());
  std::sort(by_evidence.begin(), by_evidence.end());
  const auto last = by_evidence[kTermsMax / 4 * 3 - 1];
  terms.erase(std::remove_if(
                  terms.begin(), terms.end(),
                  [&](const LinearTerm& term) { return std::pair(-term.n(), term.slot()) > last; }),
              terms.end());
}

// Where ranges of the sampled numbers begin: as many in each, or each its own if there are few.
std::vector<int32_t> RangesOf(std::vector<int32_t> orders) {
  std::sort(orders.begin(), orders.end());
  std::vector<int32_t> bounds(orders);
  bounds.erase(std::unique(bounds.begin(), bounds.end()), bounds.end());
  if (bounds.size() <= kRangesMax) return bounds;
  bounds.clear();
  for (size_t i = 0; i < kRangesMax; ++i) bounds.push_back(orders[i * orders.size() / kRangesMax]);
  bounds.erase(std::unique(bounds.begin(), bounds.end()), bounds.end());
  return bounds;
}

void SettleRanges(AdaptiveState& state) {
  for (int i = 0; i < state.predictors_size(); ++i) {
    std::vector<int32_t> orders;
    size_t values = 0;
    for (const SampledExample& example : state.sample()) {
      if (example.taught() <= 0) continue;
      ++values;
      if (IsNumber(example.codes(i))) orders.push_back(OrderOf(example.codes(i)));
    }
    if (values < kSampleForRanges || orders.empty()) continue;
    LinearScale& scale =
        ScaleOf(*state.mutable_linear()->mutable_scales(), state.predictors(i).key());
    if (!scale.bounds().empty()) continue;
    const std::vector<int32_t> bounds = RangesOf(std::move(orders));
    if (bounds.size() > 1) scale.mutable_bounds()->Assign(bounds.begin(), bounds.end());
  }
}

void Fade(LinearState& linear, base::Duration half_life, base::Time now) {
  const int64_t week = now.micros / kWeekMicros;
  const int64_t since = linear.week() == 0 ? 0 : week - linear.week();
  linear.set_week(std::max(week, linear.week()));
  if (since <= 0 || half_life.micros <= 0) return;
  const double weeks = static_cast<double>(half_life.micros) / static_cast<double>(kWeekMicros);
  const double part = base::Pow(2, -static_cast<double>(since) / weeks);
  for (LinearTerm& term : *linear.mutable_terms()) {
    term.set_n(term.n() * part);
    term.set_z(term.z() * base::Sqrt(part));
  }
  for (LinearScale& scale : *linear.mutable_scales()) {
    scale.set_examples(scale.examples() * part);
    scale.set_squares(scale.squares() * part);
  }
}

void DropUndeclared(LinearState& linear, absl::Span<const std::string> declared,
                    const FtrlSettings& settings) {
  std::set<uint32_t> keys = {0};
  for (const std::string& name : declared) keys.insert(PredictorKey(name));
  const auto is_gone = [&](const LinearTerm& term) {
    if (term.n() < kLeastEvidence || !keys.contains(term.key())) return true;
    if (term.cross_key() == 0) return false;
    const Cross cross{.key = term.key(), .cross_key = term.cross_key()};
    return !keys.contains(term.cross_key()) ||
           std::find(settings.crosses.begin(), settings.crosses.end(), cross) ==
               settings.crosses.end();
  };
  auto& terms = *linear.mutable_terms();
  terms.erase(std::remove_if(terms.begin(), terms.end(), is_gone), terms.end());
  auto& scales = *linear.mutable_scales();
  scales.erase(
      std::remove_if(scales.begin(), scales.end(),
                     [&](const LinearScale& scale) { return !keys.contains(scale.key()); }),
      scales.end());
}

// What each predictor contributes on average to the sampled examples.
void SetOffsets(const AdaptiveState& state, PublishedAdaptive& model) {
  const FtrlScorer scorer(model.linear());
  std::vector<double> sums(static_cast<size_t>(state.predictors_size()));
  double examples = 0;
  for (const SampledExample& example : state.sample()) {
    if (example.taught() <= 0) continue;
    PredictorValues values;
    for (const PredictorCounts& predictor : state.predictors()) values.add_keys(predictor.key());
    *values.mutable_codes() = example.codes();
    const LinearScore score = scorer.Score(values);
    for (size_t i = 0; i < sums.size(); ++i) sums[i] += score.contributions[i];
    ++examples;
  }
  if (examples == 0) return;
  for (int i = 0; i < state.predictors_size(); ++i) {
    PublishedOffset& offset = *model.mutable_linear()->add_offsets();
    offset.set_key(state.predictors(i).key());
    offset.set_log_odds(sums[static_cast<size_t>(i)] / examples);
  }
}

}  // namespace

double WeightOf(const LinearTerm& term, const FtrlSettings& settings) {
  const double z = term.z();
  if (z <= settings.l1 && -z <= settings.l1) return 0;
  const double pull = z < 0 ? -settings.l1 : settings.l1;
  return (pull - z) / ((settings.beta + base::Sqrt(term.n())) / settings.alpha + settings.l2);
}

void TrainFtrl(AdaptiveState& state, const TrainingMessage& message, const FtrlSettings& settings) {
  TrainAdaptive(state, message);
  LinearState& linear = *state.mutable_linear();
  const PredictorValues& values = message.values();
  const double weight = static_cast<double>(message.weight_micros()) / kWhole;
  for (int i = 0; i < values.keys_size(); ++i) {
    if (!IsNumber(values.codes(i)) || message.replaces() || message.forget()) continue;
    AddNumber(ScaleOf(*linear.mutable_scales(), values.keys(i)),
              ValueOfOrder(OrderOf(values.codes(i))), weight);
  }
  const std::vector<Feature> features = FeaturesOf(values, ScalesOf(linear), settings.crosses);
  double log_odds = 0;
  for (const Feature& feature : features) {
    const LinearTerm* term = FindTerm(linear.terms(), feature.slot);
    if (term != nullptr) log_odds += WeightOf(*term, settings) * feature.value;
  }
  const double gradient = GradientOf(message, ProbabilityOf(log_odds));
  for (const Feature& feature : features) {
    if (feature.value == 0) continue;
    Update(TermOf(*linear.mutable_terms(), feature), gradient * feature.value, settings);
  }
  DropLeast(*linear.mutable_terms());
}

void SettleFtrl(AdaptiveState& state, absl::Span<const std::string> declared,
                const FtrlSettings& settings, base::Time now) {
  Settle(state, declared, now);
  LinearState& linear = *state.mutable_linear();
  Fade(linear, {state.half_life()}, now);
  DropUndeclared(linear, declared, settings);
  SettleRanges(state);
}

PublishedAdaptive PublishFtrl(const AdaptiveState& state, absl::Span<const std::string> declared,
                              const FtrlSettings& settings, base::Time now) {
  PublishedAdaptive model = PublishAdaptive(state, declared, now);
  PublishedLinear& linear = *model.mutable_linear();
  for (const LinearTerm& term : state.linear().terms()) {
    const double weight = WeightOf(term, settings);
    if (weight == 0) continue;
    PublishedTerm& published = *linear.add_terms();
    published.set_slot(term.slot());
    published.set_weight(weight);
    published.set_key(term.key());
    published.set_code(term.code());
    published.set_cross_key(term.cross_key());
    published.set_cross_code(term.cross_code());
  }
  for (const LinearScale& scale : state.linear().scales()) {
    const double spread = SpreadOf(scale);
    if (spread <= 0) continue;
    PublishedScale& published = *linear.add_scales();
    published.set_key(scale.key());
    published.set_mean(scale.mean());
    published.set_spread(spread);
    *published.mutable_bounds() = scale.bounds();
  }
  for (const Cross& cross : settings.crosses) {
    PublishedCross& published = *linear.add_crosses();
    published.set_key(cross.key);
    published.set_cross_key(cross.cross_key);
  }
  SetOffsets(state, model);
  return model;
}

}  // namespace batuta::learn

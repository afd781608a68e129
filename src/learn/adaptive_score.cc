#include "learn/adaptive_score.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "base/math.h"
#include "base/status.h"
#include "learn/adaptive_model.h"
#include "learn/predictor_code.h"

namespace batuta::learn {
namespace {

// The head of a predictor on the tape.
enum : int { kKey, kPlace, kNumbers, kSymbols, kRemaining, kMissing, kHeadSize };

// Of so few symbols all are looked at.
constexpr int32_t kFew = 32;

// On the tape, contributions are millionths of log odds: of models that tell people hardly apart
// the spread of the scores is small, and what is rounded must be small beside it.
int32_t MillionthsOf(double log_odds) {
  constexpr double kMost = 2e9;
  return static_cast<int32_t>(std::clamp(std::floor(log_odds * 1e6 + 0.5), -kMost, kMost));
}

int32_t ToThousandths(int32_t millionths) {
  const int32_t up = millionths + 500;
  return up >= 0 ? up / 1000 : -((-up + 999) / 1000);
}

// Codes of symbols are even, and half of one has 32 bits.
int32_t HalfOf(uint64_t code) { return static_cast<int32_t>(static_cast<uint32_t>(code >> 1)); }

// Four bounds at once. Bounds stand in whole fours, with the greatest number behind the last.
constexpr int32_t kTogether = 4;
using Four = int32_t __attribute__((vector_size(kTogether * sizeof(int32_t))));

int32_t WholeFours(int32_t count) { return (count + kTogether - 1) / kTogether * kTogether; }

// How many of the bounds are at most that: to compare all is faster than a search among them, whose
// turns cannot be foreseen.
int32_t CountUpTo(int32_t order, const int32_t* bounds, int32_t count) {
  const Four most = {order, order, order, order};
  Four found = {};
  for (int32_t i = 0; i < count; i += kTogether) {
    Four some;
    std::memcpy(&some, bounds + i, sizeof(some));
    found -= some <= most;  // -1 where it is
  }
  return found[0] + found[1] + found[2] + found[3];
}

// The first bin of numbers is of all that is below the second as well, so that it has no bound.
int32_t BoundsOf(const int32_t* head) { return WholeFours(std::max(head[kNumbers] - 1, 0)); }
int32_t SizeOf(const int32_t* head) {
  return kHeadSize + BoundsOf(head) + head[kNumbers] + 2 * head[kSymbols];
}

// What the code contributes to the predictor at that place of the tape, in millionths.
int32_t ShareOf(const int32_t* head, uint64_t code) {
  if (code == kMissingCode) return head[kMissing];
  const int32_t* bounds = head + kHeadSize;
  const int32_t* shares = bounds + BoundsOf(head);
  if (IsNumber(code)) {
    if (head[kNumbers] == 0) return 0;
    return shares[CountUpTo(OrderOf(code), bounds, BoundsOf(head))];
  }
  const int32_t count = head[kSymbols];
  const int32_t* begin = shares + head[kNumbers];
  const int32_t* end = begin + count;
  const int32_t half = HalfOf(code);
  const int32_t* found =
      count > kFew ? std::lower_bound(begin, end, half) : std::find(begin, end, half);
  return found != end && *found == half ? found[count] : head[kRemaining];
}

}  // namespace

int32_t ThousandthsOf(double log_odds) {
  return static_cast<int32_t>(std::floor(log_odds * 1000 + 0.5));
}

AdaptiveScorer::AdaptiveScorer(PublishedAdaptive model)
    : base_log_odds_(model.base_log_odds()),
      mean_(model.mean()),
      spread_(model.spread()),
      maturity_(model.maturity()),
      model_(std::move(model)) {
  if (model_.has_linear()) linear_.emplace(model_.linear());
  for (int i = 0; i < model_.predictors_size(); ++i) {
    const PublishedPredictor& predictor = model_.predictors(i);
    for (const PublishedBin& bin : predictor.symbols()) {
      for (const SymbolText& symbol : bin.symbols()) {
        if (!symbol.text().empty()) named_.push_back(symbol.code());
      }
    }
    if (predictor.activity() == ACTIVE) AddActive(i, predictor);
  }
  tape_.shrink_to_fit();
  std::sort(named_.begin(), named_.end());
  for (const ClassifierBin& bin : model_.classifier()) {
    calibration_.push_back({bin.centre(), base::Log(bin.propensity() / (1 - bin.propensity()))});
  }
}

void AdaptiveScorer::AddActive(int place, const PublishedPredictor& predictor) {
  std::vector<std::pair<int32_t, int32_t>> symbols;
  for (const PublishedBin& bin : predictor.symbols()) {
    for (const SymbolText& symbol : bin.symbols()) {
      symbols.emplace_back(HalfOf(symbol.code()), MillionthsOf(bin.contribution()));
    }
  }
  std::sort(symbols.begin(), symbols.end());
  const int32_t head[kHeadSize] = {static_cast<int32_t>(predictor.key()),
                                   place,
                                   predictor.numbers_size(),
                                   static_cast<int32_t>(symbols.size()),
                                   MillionthsOf(predictor.remaining().contribution()),
                                   MillionthsOf(predictor.missing().contribution())};
  tape_.insert(tape_.end(), std::begin(head), std::end(head));
  for (int i = 1; i < predictor.numbers_size(); ++i) tape_.push_back(predictor.numbers(i).from());
  const int32_t bounds = std::max(predictor.numbers_size() - 1, 0);
  const int32_t rest = WholeFours(bounds) - bounds;
  tape_.insert(tape_.end(), static_cast<size_t>(rest), std::numeric_limits<int32_t>::max());
  for (const PublishedBin& bin : predictor.numbers()) {
    tape_.push_back(MillionthsOf(bin.contribution()));
  }
  for (const auto& [half, share] : symbols) tape_.push_back(half);
  for (const auto& [half, share] : symbols) tape_.push_back(share);
  ++active_;
}

bool AdaptiveScorer::NamesSymbol(uint64_t code) const {
  return std::binary_search(named_.begin(), named_.end(), code);
}

double AdaptiveScorer::PropensityAt(double standardised) const {
  if (calibration_.empty()) return 0.5;
  const double step = StepsOf(standardised);
  const auto above =
      std::upper_bound(calibration_.begin(), calibration_.end(), step,
                       [](double at, const Calibrated& point) { return at < point.step; });
  double log_odds = 0;
  if (above == calibration_.begin() || above == calibration_.end()) {
    const Calibrated& end = above == calibration_.begin() ? *above : *(above - 1);
    log_odds = end.log_odds + spread_ * StandardisedOf(step - end.step);
  } else {
    const Calibrated& low = *(above - 1);
    const double part = (step - low.step) / (above->step - low.step);
    log_odds = low.log_odds + part * (above->log_odds - low.log_odds);
  }
  return 1 / (1 + base::Exp(-log_odds));
}

AdaptiveScore AdaptiveScorer::Score(const PredictorValues& values) const {
  BATUTA_CHECK(CanScore());
  if (linear_.has_value()) {
    const LinearScore linear = linear_->Score(values);
    AdaptiveScore score{.log_odds = linear.log_odds,
                        .standardised = linear.log_odds,
                        .propensity = linear.propensity};
    for (const double one : linear.contributions) score.thousandths.push_back(ThousandthsOf(one));
    return score;
  }
  AdaptiveScore score;
  score.thousandths.resize(static_cast<size_t>(values.keys_size()));
  int64_t millionths = 0;
  const int32_t* const end = tape_.data() + tape_.size();
  for (const int32_t* head = tape_.data(); head != end; head += SizeOf(head)) {
    // Nearly always values stand in the order of the model's predictors.
    const auto key = static_cast<uint32_t>(head[kKey]);
    int at = head[kPlace];
    if (at >= values.keys_size() || values.keys(at) != key) {
      const auto found = std::find(values.keys().begin(), values.keys().end(), key);
      if (found == values.keys().end()) continue;
      at = static_cast<int>(found - values.keys().begin());
    }
    const int32_t share = ShareOf(head, values.codes(at));
    score.thousandths[static_cast<size_t>(at)] = ToThousandths(share);
    millionths += share;
  }
  const double sum = base_log_odds_ + static_cast<double>(millionths) / 1e6;
  score.log_odds = sum / (1 + active_);
  score.standardised = (sum - mean_) / spread_;
  score.propensity = PropensityAt(score.standardised);
  return score;
}

}  // namespace batuta::learn

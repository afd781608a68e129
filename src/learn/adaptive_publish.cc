#include "learn/adaptive_publish.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/math.h"
#include "learn/adaptive_bins.h"
#include "learn/adaptive_model.h"
#include "learn/bin_statistics.h"
#include "learn/decorrelate.h"
#include "learn/era_counts.h"
#include "learn/predictor_code.h"

namespace batuta::learn {
namespace {

constexpr size_t kLeastSample = 50;
constexpr double kLeastClassifierShare = 0.01;
constexpr double kCalibrationBins = 10;

int BinsOf(const PublishedPredictor& predictor) {
  return predictor.numbers_size() + predictor.symbols_size() + (predictor.has_remaining() ? 1 : 0) +
         (predictor.has_missing() ? 1 : 0);
}

// What a predictor contributed to each sampled example.
std::vector<double> ContributionsTo(const AdaptiveState& state,
                                    const PublishedPredictor& predictor) {
  const auto& all = state.predictors();
  const auto found = std::find_if(
      all.begin(), all.end(), [&](const PredictorCounts& p) { return p.key() == predictor.key(); });
  std::vector<double> contributions;
  if (found == all.end()) return contributions;
  const auto place = static_cast<int>(found - all.begin());
  for (const SampledExample& example : state.sample()) {
    if (example.taught() <= 0) continue;
    const PublishedBin* bin = BinOf(predictor, example.codes(place));
    contributions.push_back(bin == nullptr ? 0 : bin->contribution());
  }
  return contributions;
}

struct Leader {
  PublishedPredictor* predictor;
  std::vector<double> contributions;
};

// Of the leaders the one that it goes with most, above the limit; null if none.
const Leader* LeaderOf(const std::vector<double>& contributions,
                       const std::vector<Leader>& leaders) {
  const Leader* best = nullptr;
  double most = kSameAbove;
  if (contributions.size() < kLeastSample) return nullptr;
  for (const Leader& leader : leaders) {
    const double r = Correlation(contributions, leader.contributions);
    if (r <= most && -r <= most) continue;
    most = r < 0 ? -r : r;
    best = &leader;
  }
  return best;
}

// Groups predictors and says which are active. Returns the leaders of the groups.
std::vector<Leader> ChooseActive(const AdaptiveState& state, PublishedAdaptive& model) {
  std::vector<PublishedPredictor*> by_auc;
  for (PublishedPredictor& one : *model.mutable_predictors()) by_auc.push_back(&one);
  std::stable_sort(by_auc.begin(), by_auc.end(),
                   [](const auto* a, const auto* b) { return a->auc() > b->auc(); });
  std::vector<Leader> leaders;
  for (PublishedPredictor* predictor : by_auc) {
    std::vector<double> contributions = ContributionsTo(state, *predictor);
    const Leader* leader = LeaderOf(contributions, leaders);
    if (leader != nullptr) {
      predictor->set_group(leader->predictor->group());
      predictor->set_leader(leader->predictor->name());
    } else {
      predictor->set_group(static_cast<uint32_t>(leaders.size()));
      predictor->set_leader(predictor->name());
    }
    if (BinsOf(*predictor) < 2) {
      predictor->set_activity(ONE_BIN);
    } else if (predictor->auc() <= kLeastAuc) {
      predictor->set_activity(TOO_WEAK);
    } else {
      predictor->set_activity(leader != nullptr ? FOLLOWS : ACTIVE);
    }
    if (leader == nullptr) leaders.push_back({predictor, std::move(contributions)});
  }
  return leaders;
}

// The mean of a predictor's contributions, over some of the examples, and of their squares.
struct Moments {
  double weight = 0;
  double sum = 0;
  double squares = 0;
  void Add(double examples, double contribution) {
    weight += examples;
    sum += examples * contribution;
    squares += examples * contribution * contribution;
  }
  double Mean() const { return weight > 0 ? sum / weight : 0; }
  double Variance() const {
    return weight > 0 ? std::max(0.0, squares / weight - Mean() * Mean()) : 0;
  }
};

struct Spread {
  Moments all;
  Moments positives;
  Moments negatives;
  void Add(const PublishedBin& bin) {
    all.Add(bin.positives() + bin.negatives(), bin.contribution());
    positives.Add(bin.positives(), bin.contribution());
    negatives.Add(bin.negatives(), bin.contribution());
  }
};

Spread SpreadOf(const PublishedPredictor& predictor) {
  Spread spread;
  for (const PublishedBin& bin : predictor.numbers()) spread.Add(bin);
  for (const PublishedBin& bin : predictor.symbols()) spread.Add(bin);
  spread.Add(predictor.remaining());
  spread.Add(predictor.missing());
  return spread;
}

void SetWeights(std::vector<Leader> leaders, PublishedAdaptive& model) {
  leaders.erase(
      std::remove_if(leaders.begin(), leaders.end(),
                     [](const Leader& one) { return one.predictor->activity() != ACTIVE; }),
      leaders.end());
  std::vector<Contributor> contributors;
  double mean = model.base_log_odds();
  double variance = 0;
  for (Leader& leader : leaders) {
    const Spread spread = SpreadOf(*leader.predictor);
    contributors.push_back({.sampled = std::move(leader.contributions),
                            .variance = spread.all.Variance(),
                            .distance = spread.positives.Mean() - spread.negatives.Mean()});
  }
  const std::vector<double> weights = Decorrelate(contributors);
  for (size_t i = 0; i < leaders.size(); ++i) {
    leaders[i].predictor->set_weight(weights[i]);
    mean += weights[i] * SpreadOf(*leaders[i].predictor).all.Mean();
    variance += weights[i] * weights[i] * contributors[i].variance;
  }
  model.set_mean(mean);
  model.set_spread(variance > 0 ? base::Sqrt(variance) : 1);
}

// Counts by step, ascending.
struct Stepped {
  int32_t step;
  Bin bin;
};

std::vector<Stepped> InOrder(const google::protobuf::RepeatedPtrField<Cell>& cells,
                             const EraClock& clock, base::Time now) {
  std::vector<Stepped> stepped;
  for (const Cell& cell : cells) {
    stepped.push_back({OrderOf(cell.code()), Worth(cell.counts(), clock, now)});
  }
  std::sort(stepped.begin(), stepped.end(),
            [](const Stepped& a, const Stepped& b) { return a.step < b.step; });
  return stepped;
}

std::vector<Bin> BinsIn(const std::vector<Stepped>& stepped) {
  std::vector<Bin> bins;
  bins.reserve(stepped.size());
  for (const Stepped& one : stepped) bins.push_back(one.bin);
  return bins;
}

// Scores that are followed by acceptance alike.
struct ScoreRun {
  Bin bin;
  double steps = 0;  // summed over the responses
  void Add(const ScoreRun& more) {
    bin.positives += more.bin.positives;
    bin.negatives += more.bin.negatives;
    steps += more.steps;
  }
};

// The rising pools of at least 1 % of the responses each.
std::vector<ScoreRun> RunsOf(const std::vector<Stepped>& scores) {
  const std::vector<Bin> bins = BinsIn(scores);
  const double least = kLeastClassifierShare * SumOf(bins).Total();
  std::vector<ScoreRun> runs;
  size_t end = 0;
  for (const size_t length : RisingPools(bins)) {
    if (runs.empty() || runs.back().bin.Total() >= least) runs.emplace_back();
    for (size_t k = 0; k < length; ++k, ++end) {
      const double centre = scores[end].step + 0.5;
      runs.back().Add({bins[end], bins[end].Total() * centre});
    }
  }
  if (runs.size() > 1 && runs.back().bin.Total() < least) {
    const ScoreRun last = runs.back();
    runs.pop_back();
    runs.back().Add(last);
  }
  return runs;
}

void SetClassifier(const std::vector<Stepped>& scores, PublishedAdaptive& model) {
  model.set_maturity(std::min(1.0, SumOf(BinsIn(scores)).positives / kMaturePositives));
  for (const ScoreRun& run : RunsOf(scores)) {
    if (run.bin.Total() <= 0) continue;
    ClassifierBin& bin = *model.add_classifier();
    bin.set_centre(run.steps / run.bin.Total());
    bin.set_positives(run.bin.positives);
    bin.set_negatives(run.bin.negatives);
    bin.set_propensity(Propensity(run.bin));
  }
}

// By how far predictions are off: over ten bins of as many predictions each, the mean distance
// between what was predicted and what came.
double CalibrationError(const std::vector<Stepped>& predictions, double all) {
  double error = 0;
  Bin open;
  double predicted = 0;
  for (size_t i = 0; i < predictions.size(); ++i) {
    const Bin& bin = predictions[i].bin;
    open.positives += bin.positives;
    open.negatives += bin.negatives;
    predicted += bin.Total() * ProbabilityOfStep(predictions[i].step);
    if (open.Total() < all / kCalibrationBins && i + 1 < predictions.size()) continue;
    const double off = predicted - open.positives;
    error += off < 0 ? -off : off;
    open = {};
    predicted = 0;
  }
  return all > 0 ? error / all : 0;
}

void SetPerformance(const std::vector<Stepped>& predictions, PublishedAdaptive& model) {
  const std::vector<Bin> bins = BinsIn(predictions);
  const double all = SumOf(bins).Total();
  model.set_auc(RankedAuc(bins));
  model.set_predicted_examples(all);
  model.set_calibration_error(CalibrationError(predictions, all));
}

}  // namespace

PublishedAdaptive PublishAdaptive(const AdaptiveState& state,
                                  absl::Span<const std::string> declared, base::Time now) {
  const EraClock clock({state.half_life()});
  PublishedAdaptive model;
  model.set_model(state.model());
  model.set_action(state.action());
  model.set_placement(state.placement());
  model.set_natural(state.natural());
  const Bin all = Worth(state.counts(), clock, now);
  model.set_positives(all.positives);
  model.set_negatives(all.negatives);
  model.set_base_log_odds(LogOdds(all));
  for (const std::string& name : declared) {
    PublishedPredictor& predictor = *model.add_predictors();
    predictor.set_name(name);
    predictor.set_key(PredictorKey(name));
    const auto& counted = state.predictors();
    const auto found = std::find_if(counted.begin(), counted.end(), [&](const PredictorCounts& p) {
      return p.key() == predictor.key();
    });
    if (found == counted.end()) {
      predictor.set_auc(0.5);
    } else {
      MakeBins(*found, clock, now, predictor);
    }
  }
  SetWeights(ChooseActive(state, model), model);
  SetClassifier(InOrder(state.scores(), clock, now), model);
  SetPerformance(InOrder(state.predictions(), clock, now), model);
  return model;
}

bool IsWorthPublishing(const AdaptiveState& state) {
  const uint64_t since = state.taught() - state.published_at();
  return since >= 20 && since * 50 >= state.taught();
}

}  // namespace batuta::learn

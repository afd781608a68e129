#include "learn/adaptive_publish.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/math.h"
#include "learn/adaptive_bins.h"
#include "learn/adaptive_model.h"
#include "learn/additive_fit.h"
#include "learn/bin_statistics.h"
#include "learn/cells.h"
#include "learn/correlation.h"
#include "learn/drift.h"
#include "learn/era_counts.h"
#include "learn/predictor_code.h"

namespace batuta::learn {
namespace {

constexpr size_t kLeastSample = 50;
constexpr double kLeastClassifierShare = 0.01;
constexpr double kCalibrationBins = 10;
constexpr double kDrawnTowardsScore = 100;  // responses as the score alone predicts them

int BinsOf(const PublishedPredictor& predictor) {
  return predictor.numbers_size() + predictor.symbols_size() + (predictor.has_remaining() ? 1 : 0) +
         (predictor.has_missing() ? 1 : 0);
}

// The bin of each sampled example; null where the predictor has none for it. None at all if nothing
// was counted of the predictor.
std::vector<const PublishedBin*> SampledBins(const AdaptiveState& state,
                                             const PublishedPredictor& predictor) {
  const auto& all = state.predictors();
  const auto found = std::find_if(
      all.begin(), all.end(), [&](const PredictorCounts& p) { return p.key() == predictor.key(); });
  std::vector<const PublishedBin*> bins;
  if (found == all.end()) return bins;
  const auto place = static_cast<int>(found - all.begin());
  for (const SampledExample& example : state.sample()) {
    if (example.taught() > 0) bins.push_back(BinOf(predictor, example.codes(place)));
  }
  return bins;
}

// What a predictor contributed to each sampled example.
std::vector<double> ContributionsTo(const AdaptiveState& state,
                                    const PublishedPredictor& predictor) {
  std::vector<double> contributions;
  for (const PublishedBin* bin : SampledBins(state, predictor)) {
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

std::vector<PublishedBin*> BinsIn(PublishedPredictor& predictor) {
  std::vector<PublishedBin*> bins;
  for (PublishedBin& bin : *predictor.mutable_numbers()) bins.push_back(&bin);
  for (PublishedBin& bin : *predictor.mutable_symbols()) bins.push_back(&bin);
  if (predictor.has_remaining()) bins.push_back(predictor.mutable_remaining());
  if (predictor.has_missing()) bins.push_back(predictor.mutable_missing());
  return bins;
}

FitColumn ColumnOf(const AdaptiveState& state, PublishedPredictor& predictor) {
  FitColumn column;
  const std::vector<PublishedBin*> bins = BinsIn(predictor);
  for (const PublishedBin* bin : bins) {
    column.bins.push_back({bin->positives(), bin->negatives()});
    column.effects.push_back(bin->contribution());
  }
  for (const PublishedBin* bin : SampledBins(state, predictor)) {
    const auto at = std::find(bins.begin(), bins.end(), bin);
    const bool tells = at != bins.end() && bin->contribution() != 0;
    column.sampled.push_back(tells ? static_cast<int>(at - bins.begin()) : -1);
  }
  return column;
}

// Fits what the active predictors contribute beside each other.
void FitContributions(const AdaptiveState& state, absl::Span<PublishedPredictor* const> active,
                      PublishedAdaptive& model) {
  std::vector<FitColumn> columns;
  for (PublishedPredictor* predictor : active) columns.push_back(ColumnOf(state, *predictor));
  if (columns.empty() || columns[0].sampled.size() < kLeastSample) return;
  const Bin all{model.positives(), model.negatives()};
  model.set_base_log_odds(FitAdditive(absl::MakeSpan(columns), all));
  for (size_t i = 0; i < active.size(); ++i) {
    const std::vector<PublishedBin*> bins = BinsIn(*active[i]);
    for (size_t b = 0; b < bins.size(); ++b) bins[b]->set_contribution(columns[i].effects[b]);
  }
}

void SetContributions(const AdaptiveState& state, const std::vector<Leader>& leaders,
                      PublishedAdaptive& model) {
  std::vector<PublishedPredictor*> active;
  for (const Leader& leader : leaders) {
    if (leader.predictor->activity() == ACTIVE) active.push_back(leader.predictor);
  }
  FitContributions(state, active, model);
  double mean = model.base_log_odds();
  double variance = 0;
  for (PublishedPredictor* predictor : active) {
    Moments moments;
    for (const PublishedBin* bin : BinsIn(*predictor)) {
      moments.Add(bin->positives() + bin->negatives(), bin->contribution());
    }
    mean += moments.Mean();
    variance += moments.Variance();
  }
  model.set_mean(mean);
  model.set_spread(variance > 0 ? base::Sqrt(variance) : 1);
}

// Counts by step, ascending.
struct Stepped {
  int32_t step;
  Bin bin;
};

std::vector<Stepped> InOrder(const Cells& cells, const EraClock& clock, base::Time now) {
  std::vector<Stepped> stepped;
  ForEachCell(cells, [&](uint64_t code, EraCounts counts) {
    stepped.push_back({OrderOf(code), Worth(counts, clock, now)});
  });
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

// What the score alone predicts, if it is a sum of log odds that is right.
double PredictedAt(double centre, const PublishedAdaptive& model) {
  return 1 / (1 + base::Exp(-(model.mean() + model.spread() * StandardisedOf(centre))));
}

void SetClassifier(const std::vector<Stepped>& scores, PublishedAdaptive& model) {
  model.set_maturity(std::min(1.0, SumOf(BinsIn(scores)).positives / kMaturePositives));
  std::vector<Bin> drawn;
  for (const ScoreRun& run : RunsOf(scores)) {
    if (run.bin.Total() <= 0) continue;
    ClassifierBin& bin = *model.add_classifier();
    bin.set_centre(run.steps / run.bin.Total());
    bin.set_positives(run.bin.positives);
    bin.set_negatives(run.bin.negatives);
    const double predicted = kDrawnTowardsScore * PredictedAt(bin.centre(), model);
    drawn.push_back(
        {run.bin.positives + predicted, run.bin.negatives + kDrawnTowardsScore - predicted});
  }
  int at = 0;
  for (const size_t length : RisingPools(drawn)) {
    const Bin pool = SumOf(absl::MakeSpan(drawn).subspan(static_cast<size_t>(at), length));
    for (size_t i = 0; i < length; ++i, ++at) {
      model.mutable_classifier(at)->set_propensity(pool.positives / pool.Total());
    }
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
  const EraClock all_hold = ClockOf(state);
  const EraClock clock = all_hold.WithOlder(OlderThatHolds(state, all_hold, now));
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
  SetContributions(state, ChooseActive(state, model), model);
  SetClassifier(InOrder(state.scores(), clock, now), model);
  SetPerformance(InOrder(state.predictions(), clock, now), model);
  return model;
}

bool IsWorthPublishing(const AdaptiveState& state) {
  const uint64_t since = state.taught() - state.published_at();
  return since >= 20 && since * 50 >= state.taught();
}

}  // namespace batuta::learn

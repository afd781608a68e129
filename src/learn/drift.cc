#include "learn/drift.h"

#include <algorithm>

#include "base/math.h"
#include "learn/cells.h"

namespace batuta::learn {
namespace {

constexpr double kParts[] = {0.3, 0.1, 0.03, 0.01};
// By how much the logarithm of the likelihood has to be larger for less than all to be believed.
constexpr double kClearly = 5;
constexpr double kLeastResponses = 20;  // in a micro-bin, to be asked

double LogBeta(double a, double b) {
  return base::LogGamma(a) + base::LogGamma(b) - base::LogGamma(a + b);
}

// How likely the recent counts are after the part of the older ones, as a logarithm.
double LogLikelihood(const Bin& recent, const Bin& older, double part) {
  const double a = 0.5 + part * older.positives;
  const double b = 0.5 + part * older.negatives;
  return LogBeta(a + recent.positives, b + recent.negatives) - LogBeta(a, b);
}

struct Compared {
  Bin recent;
  Bin older;
};

std::vector<Compared> CompareCells(const PredictorCounts& predictor, const EraClock& clock,
                                   base::Time now) {
  std::vector<Compared> cells;
  ForEachCell(predictor.cells(), [&](uint64_t, EraCounts counts) {
    const Bin all = Worth(counts, clock, now);
    const Bin recent = RecentWorth(counts, clock, now);
    const Bin older{std::max(0.0, all.positives - recent.positives),
                    std::max(0.0, all.negatives - recent.negatives)};
    if (recent.Total() >= kLeastResponses && older.Total() >= kLeastResponses) {
      cells.push_back({recent, older});
    }
  });
  return cells;
}

double Sum(const std::vector<Compared>& cells, double part) {
  double sum = 0;
  for (const Compared& cell : cells) sum += LogLikelihood(cell.recent, cell.older, part);
  return sum;
}

}  // namespace

double OlderThatHolds(const AdaptiveState& state, const EraClock& clock, base::Time now) {
  if (!clock.Recent().has_value()) return 1;
  std::vector<Compared> all;
  double predictors = 0;
  for (const PredictorCounts& predictor : state.predictors()) {
    const std::vector<Compared> cells = CompareCells(predictor, clock, now);
    if (cells.empty()) continue;
    all.insert(all.end(), cells.begin(), cells.end());
    ++predictors;
  }
  if (all.empty()) return 1;
  double best = Sum(all, 1) + kClearly * predictors;
  double part_of_best = 1;
  for (const double part : kParts) {
    const double sum = Sum(all, part);
    if (sum <= best) continue;
    best = sum;
    part_of_best = part;
  }
  return part_of_best;
}

}  // namespace batuta::learn

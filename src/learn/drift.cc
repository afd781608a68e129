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
constexpr double kBroken = 0.1;
constexpr base::Duration kBetweenBreaks = base::Days(28);

double LogBeta(double a, double b) {
  return base::LogGamma(a) + base::LogGamma(b) - base::LogGamma(a + b);
}

// How likely the newer counts are after the part of the older ones, as a logarithm.
double LogLikelihood(const Bin& newer, const Bin& older, double part) {
  const double a = 0.5 + part * older.positives;
  const double b = 0.5 + part * older.negatives;
  return LogBeta(a + newer.positives, b + newer.negatives) - LogBeta(a, b);
}

struct Compared {
  Bin newer;
  Bin older;
};

// What micro-bins of all predictors hold.
struct Comparison {
  std::vector<Compared> cells;
  double predictors = 0;  // that have such cells
};

using WorthAt = Bin (*)(EraCounts, const EraClock&, base::Time);

Comparison Compare(const AdaptiveState& state, const EraClock& clock, base::Time now,
                   WorthAt of_all, WorthAt of_newer) {
  Comparison comparison;
  for (const PredictorCounts& predictor : state.predictors()) {
    const size_t before = comparison.cells.size();
    ForEachCell(predictor.cells(), [&](uint64_t, EraCounts counts) {
      const Bin all = of_all(counts, clock, now);
      const Bin newer = of_newer(counts, clock, now);
      const Bin older{std::max(0.0, all.positives - newer.positives),
                      std::max(0.0, all.negatives - newer.negatives)};
      if (newer.Total() >= kLeastResponses && older.Total() >= kLeastResponses) {
        comparison.cells.push_back({newer, older});
      }
    });
    if (comparison.cells.size() > before) ++comparison.predictors;
  }
  return comparison;
}

double Sum(const std::vector<Compared>& cells, double part) {
  double sum = 0;
  for (const Compared& cell : cells) sum += LogLikelihood(cell.newer, cell.older, part);
  return sum;
}

// The part of the older ones that holds.
double PartOf(const Comparison& comparison) {
  if (comparison.cells.empty()) return 1;
  double best = Sum(comparison.cells, 1) + kClearly * comparison.predictors;
  double part_of_best = 1;
  for (const double part : kParts) {
    const double sum = Sum(comparison.cells, part);
    if (sum <= best) continue;
    best = sum;
    part_of_best = part;
  }
  return part_of_best;
}

}  // namespace

double OlderThatHolds(const AdaptiveState& state, const EraClock& clock, base::Time now) {
  if (!clock.Recent().has_value()) return 1;
  return PartOf(Compare(state, clock, now, Worth, NewerWorth));
}

bool HasBroken(const AdaptiveState& state, const EraClock& clock, base::Time now) {
  if (!clock.Recent().has_value()) return false;
  const bool is_early =
      !state.breaks().empty() && now - base::Time{*state.breaks().rbegin()} < kBetweenBreaks;
  if (is_early) return false;
  return PartOf(Compare(state, clock, now, SinceBreakWorth, RecentWorth)) <= kBroken;
}

}  // namespace batuta::learn

// What counts of positives and negatives per bin say: the formulas of adaptive models with bins
// (Pega Adaptive Decision Manager, as its public tools state them: pdstools, "ADM explained").
//
// Pure functions; counts need not be whole, and are never negative.
#pragma once

#include <vector>

#include "absl/types/span.h"

namespace batuta::learn {

struct Bin {
  double positives = 0;
  double negatives = 0;
  double Total() const { return positives + negatives; }
};

Bin SumOf(absl::Span<const Bin> bins);

// ln(pos + 1/n) - ln(neg + 1/n) - ln(1 + all pos) + ln(1 + all neg), with n bins in `bins`: by how
// much a value in this bin changes the log odds.
double Contribution(const Bin& bin, absl::Span<const Bin> bins);

// ln(1 + pos) - ln(1 + neg).
double LogOdds(const Bin& all);

// The base log odds and the contributions of the active predictors, averaged over both.
double AveragedLogOdds(double base, absl::Span<const double> contributions);

// (pos/P - neg/N) over its standard deviation; 0 if that is 0.
double ZRatio(const Bin& bin, const Bin& all);

// The bin's rate of positives over that of all; 0 if there are no positives.
double Lift(const Bin& bin, const Bin& all);

// (0.5 + pos) / (1 + pos + neg).
double Propensity(const Bin& bin);

// The area under the ROC curve when bins are ranked by their rate of positives; trapezoids within
// bins. 0.5 if there are no positives or no negatives. Not below 0.5.
double Auc(absl::Span<const Bin> bins);
// The same with bins ranked as they stand, the likeliest last; may be below 0.5.
double RankedAuc(absl::Span<const Bin> bins);

// Pearson's chi square of the two-by-two table, with one degree of freedom; 0 where a margin is 0.
double ChiSquare(const Bin& a, const Bin& b);
inline constexpr double kChiSquare20Percent = 1.642374415149819;

// Isotonic regression by pooling adjacent violators (Ayer et al., "An empirical distribution
// function for sampling with incomplete information", 1955): the lengths of the pools, whose rates
// of positives rise.
std::vector<size_t> RisingPools(absl::Span<const Bin> bins);

}  // namespace batuta::learn

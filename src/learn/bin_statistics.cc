#include "learn/bin_statistics.h"

#include <algorithm>
#include <utility>

#include "base/math.h"

namespace batuta::learn {
namespace {

double RateOf(const Bin& bin) { return bin.Total() > 0 ? bin.positives / bin.Total() : 0; }

}  // namespace

Bin SumOf(absl::Span<const Bin> bins) {
  Bin all;
  for (const Bin& bin : bins) {
    all.positives += bin.positives;
    all.negatives += bin.negatives;
  }
  return all;
}

double Contribution(const Bin& bin, absl::Span<const Bin> bins) {
  const Bin all = SumOf(bins);
  const double share = 1 / static_cast<double>(bins.size());
  return base::Log(bin.positives + share) - base::Log(bin.negatives + share) - LogOdds(all);
}

double LogOdds(const Bin& all) {
  return base::Log(1 + all.positives) - base::Log(1 + all.negatives);
}

double AveragedLogOdds(double base, absl::Span<const double> contributions) {
  double sum = base;
  for (const double one : contributions) sum += one;
  return sum / (1 + static_cast<double>(contributions.size()));
}

double ZRatio(const Bin& bin, const Bin& all) {
  if (all.positives <= 0 || all.negatives <= 0) return 0;
  const double positive = bin.positives / all.positives;
  const double negative = bin.negatives / all.negatives;
  const double variance =
      positive * (1 - positive) / all.positives + negative * (1 - negative) / all.negatives;
  return variance > 0 ? (positive - negative) / base::Sqrt(variance) : 0;
}

double Lift(const Bin& bin, const Bin& all) {
  return all.positives > 0 ? RateOf(bin) / RateOf(all) : 0;
}

double Propensity(const Bin& bin) { return (0.5 + bin.positives) / (1 + bin.Total()); }

double Auc(absl::Span<const Bin> bins) {
  std::vector<Bin> ranked(bins.begin(), bins.end());
  std::sort(ranked.begin(), ranked.end(), [](const Bin& a, const Bin& b) {
    return std::pair(RateOf(a), a.Total()) < std::pair(RateOf(b), b.Total());
  });
  const double area = RankedAuc(ranked);
  return std::max(area, 1 - area);
}

double RankedAuc(absl::Span<const Bin> bins) {
  const Bin all = SumOf(bins);
  if (all.positives <= 0 || all.negatives <= 0) return 0.5;
  double area = 0;
  double negatives_below = 0;
  for (const Bin& bin : bins) {
    area += bin.positives * (negatives_below + bin.negatives / 2);
    negatives_below += bin.negatives;
  }
  return area / (all.positives * all.negatives);
}

double ChiSquare(const Bin& a, const Bin& b) {
  const Bin all = {a.positives + b.positives, a.negatives + b.negatives};
  const double margins = a.Total() * b.Total() * all.positives * all.negatives;
  if (margins <= 0) return 0;
  const double difference = a.positives * b.negatives - a.negatives * b.positives;
  return all.Total() * difference * difference / margins;
}

std::vector<size_t> RisingPools(absl::Span<const Bin> bins) {
  struct Pool {
    Bin bin;
    size_t length;
  };
  std::vector<Pool> pools;
  for (const Bin& bin : bins) {
    Pool next{bin, 1};
    while (!pools.empty() && RateOf(pools.back().bin) >= RateOf(next.bin)) {
      next.bin.positives += pools.back().bin.positives;
      next.bin.negatives += pools.back().bin.negatives;
      next.length += pools.back().length;
      pools.pop_back();
    }
    pools.push_back(next);
  }
  std::vector<size_t> lengths;
  lengths.reserve(pools.size());
  for (const Pool& pool : pools) lengths.push_back(pool.length);
  return lengths;
}

}  // namespace batuta::learn

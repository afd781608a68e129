#include "server/demo_score.h"

#include <algorithm>

#include "base/math.h"
#include "base/status.h"

namespace batuta::server {
namespace {

constexpr double kZ95 = 1.959963984540054;  // the 97.5th percentile of the standard normal

}  // namespace

void Score::Add(const Score& other) {
  requests += other.requests;
  chosen += other.chosen;
  random += other.random;
  best += other.best;
  best_accepted += other.best_accepted;
  best_offers += other.best_offers;
}

std::optional<double> Score::ShareOfPossible() const {
  const double possible = best - random;
  if (requests == 0 || possible <= 0) return std::nullopt;
  return (chosen - random) / possible;
}

Score Judge(absl::Span<const Admissible> offers, std::optional<size_t> chosen) {
  BATUTA_CHECK(!chosen.has_value() || *chosen < offers.size());
  Score score;
  score.requests = 1;
  double explorable = 0;
  double sum = 0;
  for (const Admissible& offer : offers) {
    if (Worth(offer) > score.best) {
      score.best = Worth(offer);
      score.best_accepted = offer.probability;
      score.best_offers = 1;
    }
    if (!offer.is_explorable) continue;
    explorable += 1;
    sum += Worth(offer);
  }
  score.random = sum / (explorable + 1);
  if (chosen.has_value()) score.chosen = Worth(offers[*chosen]);
  return score;
}

Interval RateInterval(const Tally& tally) {
  if (tally.seen == 0) return {};
  const double n = static_cast<double>(tally.seen);
  const double p = tally.Rate();
  const double z2 = kZ95 * kZ95;
  const double middle = (p + z2 / (2 * n)) / (1 + z2 / n);
  const double half = kZ95 * base::Sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n);
  return {std::max(0.0, middle - half), std::min(1.0, middle + half)};
}

std::optional<Interval> LiftInterval(const Tally& a, const Tally& b) {
  if (a.accepted == 0 || b.accepted == 0) return std::nullopt;
  const double variance = (1 - a.Rate()) / static_cast<double>(a.accepted) +
                          (1 - b.Rate()) / static_cast<double>(b.accepted);
  const double ratio = a.Rate() / b.Rate();
  const double factor = base::Exp(kZ95 * base::Sqrt(variance));
  return Interval{ratio / factor - 1, ratio * factor - 1};
}

}  // namespace batuta::server

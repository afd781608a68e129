// How well offers are chosen, by what the demo knows of its customers' tastes.
//
// For one request the offers that were admissible are known, and for each what it is truly worth to
// this customer: probability · value − cost. So the choice made can be held against choosing at
// random among them and against the best of them. Pure; no threads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/types/span.h"

namespace batuta::server {

// A candidate that was admissible for the first slot of a request.
struct Admissible {
  std::string action;
  double value = 0;  // of an acceptance, in the hub's currency
  double cost = 0;
  bool is_explorable = true;  // a random arm takes it
  double probability = 0;     // that this customer accepts it, in truth
};
inline double Worth(const Admissible& offer) {
  return offer.probability * offer.value - offer.cost;
}

// Sums over requests; each figure is per request once divided by their number.
struct Score {
  uint64_t requests = 0;
  double chosen = 0;  // worth of what was chosen
  double random = 0;  // expected worth of a random choice: uniform over the explorable and nothing
  double best = 0;    // worth of the best choice; nothing is worth 0
  double best_accepted = 0;  // probability that the best choice is accepted
  uint64_t best_offers = 0;  // requests at which the best choice is an offer, not nothing

  void Add(const Score& other);
  // (chosen − random) / (best − random): 0 as good as random, 1 as good as can be. Nothing before
  // there is any difference to be made.
  std::optional<double> ShareOfPossible() const;
};

// `chosen` is an index, or nothing if no offer was made.
Score Judge(absl::Span<const Admissible> offers, std::optional<size_t> chosen);

// Offers that were seen, and how many of them were accepted.
struct Tally {
  uint64_t seen = 0;
  uint64_t accepted = 0;
  double Rate() const {
    return seen == 0 ? 0 : static_cast<double>(accepted) / static_cast<double>(seen);
  }
};

struct Interval {
  double low = 0;
  double high = 1;
};

// 95 % interval of a rate (Wilson, "Probable inference, the law of succession, and statistical
// inference", 1927).
Interval RateInterval(const Tally& tally);

// 95 % interval of a.Rate() / b.Rate() − 1, by the normal distribution of the logarithm (Katz and
// others, 1978). Nothing while one of them has no acceptance.
std::optional<Interval> LiftInterval(const Tally& a, const Tally& b);

}  // namespace batuta::server

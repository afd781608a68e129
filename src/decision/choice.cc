#include "decision/choice.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "base/math.h"
#include "base/random.h"
#include "base/status.h"
#include "base/text.h"
#include "learn/quantiles.h"

namespace batuta::decision {
namespace {

constexpr size_t kThompsonOptionsMax = 20;

// The best of those that `accepts`: the largest net value, ties to the first by name. Returns
// options.size() if there is none.
template <typename Predicate>
size_t Best(absl::Span<const Option> options, Predicate accepts) {
  size_t best = options.size();
  for (size_t i = 0; i < options.size(); ++i) {
    if (!accepts(options[i])) continue;
    if (best == options.size() || options[i].net_value > options[best].net_value) best = i;
  }
  return best;
}

// Who takes part in the choice, as indices; "nothing" is options.size(). `best` is an index into
// `members`.
struct Participants {
  std::vector<size_t> members;
  size_t best = 0;
};

Participants FindParticipants(absl::Span<const Option> options) {
  const size_t nothing = options.size();
  const size_t explorable = Best(options, [](const Option& o) { return !o.explore_never; });
  const size_t never = Best(options, [](const Option& o) { return o.explore_never; });
  // Ties go to doing nothing.
  size_t best = nothing;
  double best_value = 0;
  for (const size_t other : {explorable, never}) {
    if (other == nothing || options[other].net_value <= best_value) continue;
    best = other;
    best_value = options[other].net_value;
  }
  Participants participants;
  for (size_t i = 0; i <= options.size(); ++i) {
    if (i != nothing && options[i].explore_never && i != best) continue;
    if (i == best) participants.best = participants.members.size();
    participants.members.push_back(i);
  }
  return participants;
}

double NetValue(absl::Span<const Option> options, size_t member) {
  return member == options.size() ? 0 : options[member].net_value;
}

std::vector<double> GreedyShares(absl::Span<const double> values, size_t best) {
  const double most = values[best];
  const auto ties = static_cast<double>(std::count(values.begin(), values.end(), most));
  std::vector<double> shares(values.size(), 0);
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i] == most) shares[i] = 1 / ties;
  }
  return shares;
}

std::vector<double> MethodShares(absl::Span<const Option> options, const Participants& participants,
                                 const Exploration& exploration, const DrawKey& key) {
  std::vector<double> values;
  for (const size_t member : participants.members) values.push_back(NetValue(options, member));
  if (exploration.method() == GREEDY) return GreedyShares(values, participants.best);
  if (exploration.method() == SQUARECB) {
    return SquareCb(values, participants.best, Gamma(exploration));
  }
  BATUTA_CHECK(exploration.method() == THOMPSON);
  std::vector<Option> drawn;
  for (const size_t member : participants.members) {
    if (member < options.size()) drawn.push_back(options[member]);
  }
  return ThompsonFrequencies(drawn, exploration.draws(), key);
}

double NetOf(const Option& option, double probability) {
  return probability * option.gross - option.cost;
}

// The least and the most that a draw can make of the option.
double WorstOf(const Option& option, const learn::QuantileTable& table) {
  return std::min(NetOf(option, table.front()), NetOf(option, table.back()));
}
double BestOf(const Option& option, const learn::QuantileTable& table) {
  return std::max(NetOf(option, table.front()), NetOf(option, table.back()));
}

// Mixes the floor in and lets the best make up for rounding, so that the sum is 1.
void MixFloor(std::vector<double>& shares, double floor, size_t best) {
  const auto count = static_cast<double>(shares.size());
  double others = 0;
  for (size_t i = 0; i < shares.size(); ++i) {
    shares[i] = (1 - floor) * shares[i] + floor / count;
    if (i != best) others += shares[i];
  }
  shares[best] = std::max(floor / count, 1 - others);
}

// `floor` is that of the exploration, or what is left of it to spread.
std::vector<double> Optimised(absl::Span<const Option> options, const Exploration& exploration,
                              double floor, const DrawKey& key) {
  std::vector<double> probabilities(options.size() + 1, 0);
  const size_t mandatory = Best(options, [](const Option& o) { return o.mandatory; });
  if (mandatory < options.size()) {
    probabilities[mandatory] = 1;
    return probabilities;
  }
  const Participants participants = FindParticipants(options);
  std::vector<double> shares = MethodShares(options, participants, exploration, key);
  MixFloor(shares, floor, participants.best);
  for (size_t i = 0; i < shares.size(); ++i) probabilities[participants.members[i]] = shares[i];
  return probabilities;
}

// Transactional options keep their probability; the rest of the mass is spread evenly.
void Randomise(absl::Span<const Option> options, std::vector<double>& probabilities) {
  double kept = 0;
  size_t count = 1;  // "nothing"
  for (size_t i = 0; i < options.size(); ++i) {
    if (options[i].transactional) {
      kept += probabilities[i];
    } else if (!options[i].explore_never) {
      ++count;
    }
  }
  const double share = std::max(0.0, 1 - kept) / static_cast<double>(count);
  for (size_t i = 0; i < options.size(); ++i) {
    if (!options[i].transactional) probabilities[i] = options[i].explore_never ? 0 : share;
  }
  probabilities.back() = share;
}

// Transactional options keep their probability; the rest of the mass goes by what counts under the
// arm. All that may be explored keeps its part of the floor.
void ChooseByArm(absl::Span<const Option> options, const Exploration& exploration, HoldoutArm arm,
                 const DrawKey& key, std::vector<double>& probabilities) {
  std::vector<Option> others;
  double mass = 1;
  for (size_t i = 0; i < options.size(); ++i) {
    if (options[i].transactional) {
      mass -= probabilities[i];
      continue;
    }
    Option& other = others.emplace_back(options[i]);
    other.net_value = other.under_arm.net_value;
    other.gross = other.under_arm.gross;
    other.cost = other.under_arm.cost;
    if (arm == PROPENSITY_ARM) other.mandatory = false;
  }
  mass = std::max(mass, 0.0);
  const auto all = static_cast<double>(FindParticipants(options).members.size());
  const auto few = static_cast<double>(FindParticipants(others).members.size());
  const double floor = exploration.floor() * few / all;
  const std::vector<double> shares =
      Optimised(others, exploration, mass > floor ? floor / mass : 1, key);
  size_t next = 0;
  for (size_t i = 0; i < options.size(); ++i) {
    if (!options[i].transactional) probabilities[i] = mass * shares[next++];
  }
  probabilities.back() = mass * shares.back();
}

}  // namespace

double Gamma(const Exploration& exploration) {
  const auto examples = static_cast<double>(exploration.examples());
  if (examples == 0) return 0;
  // The usual exponent needs no logarithm.
  const double power = exploration.gamma_exponent() == 0.5
                           ? base::Sqrt(examples)
                           : base::Pow(examples, exploration.gamma_exponent());
  return exploration.gamma_scale() * power;
}

std::vector<double> SquareCb(absl::Span<const double> values, size_t best, double gamma) {
  BATUTA_CHECK(best < values.size());
  BATUTA_CHECK(gamma >= 0);
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  const double range = *most - *least;
  BATUTA_CHECK(values[best] == *most);
  std::vector<double> shares(values.size());
  double others = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    if (i == best) continue;
    const double gap = range > 0 ? (*most - values[i]) / range : 0;
    shares[i] = 1 / (static_cast<double>(values.size()) + gamma * gap);
    others += shares[i];
  }
  shares[best] = 1 - others;
  return shares;
}

std::vector<double> ThompsonFrequencies(absl::Span<const Option> options, uint32_t draws,
                                        const DrawKey& key) {
  BATUTA_CHECK(draws > 0);
  std::vector<size_t> order(options.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return options[a].net_value > options[b].net_value; });
  if (order.size() > kThompsonOptionsMax) order.resize(kThompsonOptionsMax);
  std::sort(order.begin(), order.end());

  std::vector<learn::QuantileTable> tables;
  double sure = 0;  // what some option, or nothing, is worth at the least
  for (const size_t i : order) {
    const learn::Belief& belief = options[i].belief;
    tables.push_back(learn::TableOf(belief.alpha, belief.beta));
    sure = std::max(sure, WorstOf(options[i], tables.back()));
  }
  // The largest net value so far of each draw, and whose it is; doing nothing is worth 0.
  std::vector<double> best(draws, 0);
  std::vector<uint32_t> winner(draws, static_cast<uint32_t>(options.size()));
  for (size_t k = 0; k < order.size(); ++k) {
    const Option& option = options[order[k]];
    // What never wins need not be drawn for.
    if (BestOf(option, tables[k]) < sure) continue;
    base::Random random(key.seed, key.request, base::StrCat("posterior.", key.slot), option.name);
    for (uint32_t draw = 0; draw < draws; ++draw) {
      const double net = NetOf(option, learn::DrawFrom(tables[k], random.Uniform()));
      if (net <= best[draw]) continue;
      best[draw] = net;
      winner[draw] = static_cast<uint32_t>(order[k]);
    }
  }
  std::vector<uint32_t> wins(options.size() + 1, 0);
  for (const uint32_t index : winner) ++wins[index];
  std::vector<double> frequencies;
  for (const uint32_t count : wins) frequencies.push_back(count / static_cast<double>(draws));
  return frequencies;
}

std::vector<double> Distribution(absl::Span<const Option> options, const Exploration& exploration,
                                 HoldoutArm arm, const DrawKey& key) {
  BATUTA_CHECK(exploration.floor() >= 0 && exploration.floor() <= 1);
  std::vector<double> probabilities = Optimised(options, exploration, exploration.floor(), key);
  if (arm == RANDOM_ARM) Randomise(options, probabilities);
  if (arm == PROPENSITY_ARM || arm == NO_LEVERS_ARM) {
    ChooseByArm(options, exploration, arm, key, probabilities);
  }
  const double sum = std::accumulate(probabilities.begin(), probabilities.end(), 0.0);
  BATUTA_CHECK(sum > 1 - 1e-12 && sum < 1 + 1e-12, base::StrCat("the sum is ", sum));
  return probabilities;
}

size_t Draw(absl::Span<const Option> options, absl::Span<const double> probabilities,
            const DrawKey& key, std::string_view purpose) {
  BATUTA_CHECK(probabilities.size() == options.size() + 1);
  const std::string slot_purpose = base::StrCat(purpose, ".", key.slot);
  size_t chosen = probabilities.size();
  double first = std::numeric_limits<double>::infinity();
  for (size_t i = 0; i < probabilities.size(); ++i) {
    if (probabilities[i] <= 0) continue;
    const std::string_view name = i < options.size() ? options[i].name : std::string_view();
    base::Random random(key.seed, key.request, slot_purpose, name);
    const double rings = -base::Log(1 - random.Uniform()) / probabilities[i];
    if (chosen < probabilities.size() && rings >= first) continue;
    first = rings;
    chosen = i;
  }
  BATUTA_CHECK(chosen < probabilities.size());
  return chosen;
}

}  // namespace batuta::decision

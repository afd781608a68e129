#include "learn/beta_model.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "base/hash.h"
#include "base/math.h"
#include "base/status.h"

namespace batuta::learn {
namespace {

constexpr int64_t kPeriodMicros = base::Days(7).micros;
constexpr double kWhole = 1e6;         // millionths in one example
constexpr int64_t kKeptHalfLives = 8;  // 2^-8: see Forget

int64_t PeriodOf(int64_t micros, const ModelSettings& settings) {
  if (settings.half_life.micros == 0) return 0;
  const int64_t period = micros / kPeriodMicros;
  return micros < 0 && micros % kPeriodMicros != 0 ? period - 1 : period;
}

auto Order(const PlacementCounts& counts) {
  return std::tuple<const std::string&, int>(counts.placement(), counts.level());
}

PlacementCounts& PlacementOf(ModelState& state, const std::string& placement, OutcomeLevel level) {
  auto& all = *state.mutable_placements();
  int at = 0;
  while (at < all.size() &&
         Order(all[at]) < std::tuple<const std::string&, int>(placement, level)) {
    ++at;
  }
  if (at < all.size() && all[at].placement() == placement && all[at].level() == level) {
    return all[at];
  }
  PlacementCounts& added = *all.Add();
  added.set_placement(placement);
  added.set_level(level);
  for (int i = all.size() - 1; i > at; --i) all.SwapElements(i, i - 1);
  return all[at];
}

Counts& PeriodCounts(PlacementCounts& placement, int64_t period) {
  auto& all = *placement.mutable_counts();
  int at = all.size();
  while (at > 0 && all[at - 1].period() >= period) --at;
  if (at < all.size() && all[at].period() == period) return all[at];
  all.Add()->set_period(period);
  for (int i = all.size() - 1; i > at; --i) all.SwapElements(i, i - 1);
  return all[at];
}

// Removes counts that became zero, and placements without any, so that equal content is equal
// bytes.
void DropEmpty(ModelState& state) {
  auto& placements = *state.mutable_placements();
  for (PlacementCounts& placement : placements) {
    auto& counts = *placement.mutable_counts();
    counts.erase(std::remove_if(counts.begin(), counts.end(),
                                [](const Counts& c) {
                                  return c.positives() == 0 && c.negatives() == 0 &&
                                         c.valued() == 0 && c.worth() == 0;
                                }),
                 counts.end());
  }
  placements.erase(std::remove_if(placements.begin(), placements.end(),
                                  [](const PlacementCounts& p) { return p.counts().empty(); }),
                   placements.end());
}

void Add(Counts& counts, bool positive, int64_t weight) {
  if (positive) {
    counts.set_positives(counts.positives() + weight);
  } else {
    counts.set_negatives(counts.negatives() + weight);
  }
}

// Sums wrap around rather than overflow: what is taken away is what was added.
void AddWorth(Counts& counts, int64_t micros, int64_t sign) {
  counts.set_valued(counts.valued() + sign * static_cast<int64_t>(kWhole));
  const auto change = static_cast<uint64_t>(sign) * static_cast<uint64_t>(micros);
  counts.set_worth(static_cast<int64_t>(static_cast<uint64_t>(counts.worth()) + change));
}

// Weighted sums of one placement.
struct Evidence {
  double positives = 0;
  double negatives = 0;
  double valued = 0;
  double worth = 0;    // of those
  int64_t micros = 0;  // examples before forgetting
};

Evidence Weigh(const PlacementCounts& placement, const PublishOptions& options) {
  Evidence sum;
  const int64_t now = PeriodOf(options.now.micros, options.settings);
  for (const Counts& counts : placement.counts()) {
    double weight = 1;
    if (options.settings.half_life.micros != 0 && counts.period() < now) {
      const double age = static_cast<double>((now - counts.period()) * kPeriodMicros);
      weight = base::Pow(2, -age / static_cast<double>(options.settings.half_life.micros));
    }
    sum.positives += weight * static_cast<double>(counts.positives());
    sum.negatives += weight * static_cast<double>(counts.negatives());
    sum.valued += weight * static_cast<double>(counts.valued());
    sum.worth += weight * static_cast<double>(counts.worth());
    sum.micros += counts.positives() + counts.negatives();
  }
  sum.positives = std::max(0.0, sum.positives / kWhole);
  sum.negatives = std::max(0.0, sum.negatives / kWhole);
  sum.valued = std::max(0.0, sum.valued / kWhole);
  sum.worth /= kWhole;
  sum.micros = std::max<int64_t>(0, sum.micros);
  return sum;
}

// The prior that `others` give: their rate, worth at most settings.parent_strength examples.
std::pair<double, double> PriorFrom(const Evidence& others, OutcomeLevel level,
                                    const ModelSettings& settings) {
  const bool is_natural = level == NATURAL_LEVEL;
  const double alpha = (is_natural ? 0 : settings.root_alpha) + others.positives;
  const double beta = (is_natural ? settings.natural_beta : settings.root_beta) + others.negatives;
  const double strength = std::min(settings.parent_strength, alpha + beta);
  return {strength * (alpha / (alpha + beta)), strength * (beta / (alpha + beta))};
}

struct Weighed {
  const PlacementCounts* counts;
  Evidence evidence;
};

void Include(Evidence& sum, const Evidence& more) {
  sum.positives += more.positives;
  sum.negatives += more.negatives;
  sum.valued += more.valued;
  sum.worth += more.worth;
  sum.micros += more.micros;
}

// The model of one placement and level, from the evidence of all placements.
PublishedModel MakeModel(std::string_view placement, OutcomeLevel level,
                         absl::Span<const Weighed> all, const PublishOptions& options) {
  Evidence own;
  Evidence others;
  for (const Weighed& weighed : all) {
    if (weighed.counts->level() != level) continue;
    Include(weighed.counts->placement() == placement ? own : others, weighed.evidence);
  }
  const auto [alpha, beta] = PriorFrom(others, level, options.settings);
  PublishedModel model;
  model.set_placement(std::string(placement));
  model.set_level(level);
  model.set_alpha(alpha + own.positives);
  model.set_beta(beta + own.negatives);
  model.set_examples(static_cast<uint64_t>(own.micros / 1'000'000));
  // What an acceptance is worth does not depend on where it was offered.
  model.set_valued(own.valued + others.valued);
  model.set_worth(own.worth + others.worth);
  return model;
}

}  // namespace

uint64_t OwnerHash(std::string_view action) { return base::Hash64(action); }

void Train(ModelState& state, const TrainingMessage& message, const ModelSettings& settings) {
  BATUTA_CHECK(message.action() == state.action());
  BATUTA_CHECK(message.weight_micros() > 0 && message.level() != OUTCOME_LEVEL_UNSPECIFIED);
  const auto weight = static_cast<int64_t>(message.weight_micros());
  PlacementCounts& placement = PlacementOf(state, message.placement(), message.level());
  Counts& counts = PeriodCounts(placement, PeriodOf(message.example_time(), settings));
  if (message.forget()) {
    Add(counts, message.positive(), -weight);
    if (message.has_worth()) AddWorth(counts, message.worth(), -1);
  } else {
    Add(counts, message.positive(), weight);
    if (message.has_worth()) AddWorth(counts, message.worth(), 1);
  }
  if (message.replaces() && !message.forget()) {
    Add(counts, message.was_positive(), -weight);
    if (message.has_worth_before()) AddWorth(counts, message.worth_before(), -1);
  }
  DropEmpty(state);
}

ModelState Merge(const ModelState& a, const ModelState& b) {
  BATUTA_CHECK(a.action() == b.action());
  ModelState sum = a;
  for (const PlacementCounts& from : b.placements()) {
    PlacementCounts& to = PlacementOf(sum, from.placement(), from.level());
    for (const Counts& counts : from.counts()) {
      Counts& period = PeriodCounts(to, counts.period());
      Add(period, true, counts.positives());
      Add(period, false, counts.negatives());
      period.set_valued(period.valued() + counts.valued());
      period.set_worth(period.worth() + counts.worth());
    }
  }
  DropEmpty(sum);
  return sum;
}

std::vector<PublishedModel> Publish(const ModelState& state, const PublishOptions& options) {
  std::vector<Weighed> all;
  std::set<OutcomeLevel> levels;
  for (const PlacementCounts& counts : state.placements()) {
    all.push_back({&counts, Weigh(counts, options)});
    levels.insert(counts.level());
  }
  std::vector<PublishedModel> models;
  for (const PlacementCounts& counts : state.placements()) {
    models.push_back(MakeModel(counts.placement(), counts.level(), all, options));
  }
  for (const OutcomeLevel level : levels) models.push_back(MakeModel("", level, all, options));
  for (PublishedModel& model : models) model.set_action(state.action());
  std::sort(models.begin(), models.end(), [](const PublishedModel& a, const PublishedModel& b) {
    const auto key = [](const PublishedModel& m) {
      return std::tuple<const std::string&, int>(m.placement(), m.level());
    };
    return key(a) < key(b);
  });
  return models;
}

void Forget(ModelState& state, const ModelSettings& settings, base::Time now) {
  if (settings.half_life.micros == 0) return;
  const int64_t kept = kKeptHalfLives * settings.half_life.micros / kPeriodMicros;
  const int64_t first = PeriodOf(now.micros, settings) - kept;
  for (PlacementCounts& placement : *state.mutable_placements()) {
    auto& counts = *placement.mutable_counts();
    counts.erase(std::remove_if(counts.begin(), counts.end(),
                                [&](const Counts& c) { return c.period() < first; }),
                 counts.end());
  }
  DropEmpty(state);
}

}  // namespace batuta::learn

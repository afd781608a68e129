#include "experiment/off_policy.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <span>

#include "base/random.h"
#include "base/text.h"

namespace batuta::experiment {
namespace {

constexpr size_t kFolds = 3;
constexpr double kPriorDecisions = 50;
constexpr double kNormal95 = 1.959963984540054;

// What one decision contributes.
struct Term {
  double weight = 0;
  double reward = 0;
  double modelled = 0;    // sum over a of pi(a) q(a)
  double correction = 0;  // w (r - q(a))
  double switched = 0;    // the same where w <= tau, else 0
};

// Sums with the error of each addition carried along (Neumaier, 1974).
class Sum {
 public:
  void Add(double number) {
    const double next = sum_ + number;
    error_ += std::abs(sum_) >= std::abs(number) ? (sum_ - next) + number : (number - next) + sum_;
    sum_ = next;
  }
  double value() const { return sum_ + error_; }

 private:
  double sum_ = 0;
  double error_ = 0;
};

using ValueOf = std::function<double(const Term&)>;

double MeanOf(std::span<const Term> terms, const ValueOf& value) {
  Sum sum;
  for (const Term& term : terms) sum.Add(value(term));
  return sum.value() / static_cast<double>(terms.size());
}

double ErrorOfMean(std::span<const Term> terms, const ValueOf& value, double mean) {
  if (terms.size() < 2) return std::numeric_limits<double>::infinity();
  Sum squares;
  for (const Term& term : terms) {
    const double off = value(term) - mean;
    squares.Add(off * off);
  }
  const auto n = static_cast<double>(terms.size());
  return std::sqrt(squares.value() / (n - 1) / n);
}

// A mean of values, or a quotient of two means.
struct Method {
  std::string name;
  ValueOf above;
  ValueOf below = nullptr;  // null: 1
};

std::vector<Method> Methods() {
  const ValueOf weighted = [](const Term& t) { return t.weight * t.reward; };
  return {{"ips", weighted},
          {"snips", weighted, [](const Term& t) { return t.weight; }},
          {"dm", [](const Term& t) { return t.modelled; }},
          {"dr", [](const Term& t) { return t.modelled + t.correction; }},
          {"switch_dr", [](const Term& t) { return t.modelled + t.switched; }}};
}

double ValueBy(const Method& method, std::span<const Term> terms) {
  const double above = MeanOf(terms, method.above);
  if (method.below == nullptr) return above;
  const double below = MeanOf(terms, method.below);
  return below == 0 ? 0 : above / below;
}

Estimate EstimateBy(const Method& method, std::span<const Term> terms) {
  Estimate estimate = {.method = method.name};
  estimate.value = ValueBy(method, terms);
  if (method.below == nullptr) {
    estimate.standard_error = ErrorOfMean(terms, method.above, estimate.value);
  } else {
    // The influence of a decision on a quotient of means.
    const ValueOf influence = [&](const Term& t) {
      return method.above(t) - estimate.value * method.below(t);
    };
    const double below = MeanOf(terms, method.below);
    estimate.standard_error = below == 0 ? std::numeric_limits<double>::infinity()
                                         : ErrorOfMean(terms, influence, 0) / below;
  }
  estimate.low = estimate.value - kNormal95 * estimate.standard_error;
  estimate.high = estimate.value + kNormal95 * estimate.standard_error;
  return estimate;
}

// The intervals by the percentiles of samples with replacement, the same for all estimates.
void Bootstrap(const std::vector<Method>& methods, std::span<const Term> terms,
               const OffPolicyOptions& options, std::vector<Estimate>& estimates) {
  std::vector<std::vector<double>> values(methods.size());
  std::vector<Term> sample(terms.size());
  for (uint64_t i = 0; i < options.bootstrap; ++i) {
    base::Random random(options.seed, base::Id128{0, i}, "bootstrap", "");
    for (Term& term : sample) term = terms[random.Below(terms.size())];
    for (size_t m = 0; m < methods.size(); ++m) values[m].push_back(ValueBy(methods[m], sample));
  }
  for (size_t m = 0; m < methods.size(); ++m) {
    std::sort(values[m].begin(), values[m].end());
    const auto at = [&](double share) {
      const auto last = static_cast<double>(values[m].size() - 1);
      return values[m][static_cast<size_t>(std::floor(share * last + 0.5))];
    };
    estimates[m].low = at(0.025);
    estimates[m].high = at(0.975);
  }
}

// The mean reward of each action in each fold's complement.
class RewardModel {
 public:
  explicit RewardModel(const DecisionLog& log) : actions_(log.actions.names.size()) {
    const size_t cells = kFolds * actions_;
    std::vector<double> rewards(cells);
    std::vector<double> counts(cells);
    for (size_t i = 0; i < log.decisions.size(); ++i) {
      const size_t cell = i % kFolds * actions_ + log.decisions[i].action;
      rewards[cell] += log.decisions[i].reward;
      counts[cell] += 1;
    }
    expected_.resize(cells);
    for (size_t fold = 0; fold < kFolds; ++fold) Fit(fold, rewards, counts);
  }

  double Expected(size_t decision, size_t action) const {
    return expected_[decision % kFolds * actions_ + action];
  }

 private:
  void Fit(size_t held_out, const std::vector<double>& rewards, const std::vector<double>& counts) {
    std::vector<double> reward(actions_);
    std::vector<double> count(actions_);
    double all_rewards = 0;
    double all = 0;
    for (size_t i = 0; i < rewards.size(); ++i) {
      if (i / actions_ == held_out) continue;
      reward[i % actions_] += rewards[i];
      count[i % actions_] += counts[i];
      all_rewards += rewards[i];
      all += counts[i];
    }
    const double mean = all == 0 ? 0 : all_rewards / all;
    for (size_t a = 0; a < actions_; ++a) {
      expected_[held_out * actions_ + a] =
          (reward[a] + kPriorDecisions * mean) / (count[a] + kPriorDecisions);
    }
  }

  size_t actions_;
  std::vector<double> expected_;  // by fold, then action
};

// The terms of the decisions in which the policy chooses something, and what they have in common.
class Terms {
 public:
  Terms(const DecisionLog& log, TargetProbabilities target, double switch_at,
        OffPolicyReport& report) {
    const RewardModel model(log);
    std::vector<bool> is_seen(log.actions.names.size());
    for (const LoggedDecision& decision : log.decisions) is_seen[decision.action] = true;
    report.lowest_probability = 1;
    Sum unseen;
    for (size_t i = 0; i < log.decisions.size(); ++i) {
      const LoggedDecision& decision = log.decisions[i];
      const std::vector<double>& chosen = target(i);
      Term term = {.weight = chosen[decision.action] / decision.probability,
                   .reward = decision.reward};
      double total = 0;
      for (size_t a = 0; a < chosen.size(); ++a) {
        term.modelled += chosen[a] * model.Expected(i, a);
        total += chosen[a];
        if (!is_seen[a]) unseen.Add(chosen[a]);
      }
      if (total == 0) {
        ++report.left_out;
        continue;
      }
      term.correction = term.weight * (decision.reward - model.Expected(i, decision.action));
      term.switched = term.weight <= switch_at ? term.correction : 0;
      report.rewarded += decision.reward != 0 ? 1 : 0;
      report.lowest_probability = std::min(report.lowest_probability, decision.probability);
      report.highest_weight = std::max(report.highest_weight, term.weight);
      report.switched += term.weight > switch_at ? 1 : 0;
      terms_.push_back(term);
    }
    report.decisions = terms_.size();
    if (terms_.empty()) return;
    const auto n = static_cast<double>(terms_.size());
    report.unseen = unseen.value() / n;
    report.switched /= n;
  }

  const std::vector<Term>& all() const { return terms_; }

 private:
  std::vector<Term> terms_;
};

void NoteWeights(std::span<const Term> terms, OffPolicyReport& report) {
  const ValueOf weight = [](const Term& t) { return t.weight; };
  report.mean_weight = MeanOf(terms, weight);
  report.mean_weight_error = ErrorOfMean(terms, weight, report.mean_weight);
  const double squares = MeanOf(terms, [](const Term& t) { return t.weight * t.weight; });
  report.effective_sample = squares == 0 ? 0
                                         : static_cast<double>(terms.size()) * report.mean_weight *
                                               report.mean_weight / squares;
}

void FindDoubts(const OffPolicyLimits& limits, OffPolicyReport& report) {
  const auto doubt = [&report](DoubtKind kind, double seen, double wanted) {
    report.doubts.push_back({kind, seen, wanted});
  };
  if (report.unseen > 0) doubt(DoubtKind::kNoOverlap, report.unseen, 0);
  if (std::abs(report.mean_weight - 1) > 4 * report.mean_weight_error) {
    doubt(DoubtKind::kWrongWeights, report.mean_weight, 1);
  }
  if (report.lowest_probability < limits.lowest_probability) {
    doubt(DoubtKind::kRare, report.lowest_probability, limits.lowest_probability);
  }
  if (report.effective_sample < limits.effective_sample) {
    doubt(DoubtKind::kFewDecisions, report.effective_sample, limits.effective_sample);
  }
  if (report.rewarded < limits.rewarded) {
    doubt(DoubtKind::kFewRewards, static_cast<double>(report.rewarded),
          static_cast<double>(limits.rewarded));
  }
}

}  // namespace

std::string TextOf(const Doubt& doubt, rule::Language language) {
  const bool spanish = language == rule::Language::kSpanish;
  const auto say = [spanish](const char* in_english, const char* in_spanish) {
    return spanish ? in_spanish : in_english;
  };
  switch (doubt.kind) {
    case DoubtKind::kNoOverlap:
      return base::StrCat(say("no overlap: ", "sin solapamiento: el "), doubt.seen * 100,
                          say(" % of the policy's choices are of actions that the log never shows",
                              " % de lo que la política elige son acciones que el registro nunca "
                              "muestra"));
    case DoubtKind::kWrongWeights:
      return base::StrCat(
          say("the weights have the mean ", "los pesos tienen la media "), doubt.seen,
          say(", not 1: the log's probabilities are not those by which it chose, or "
              "it never chooses some of what the policy does",
              ", no 1: las probabilidades del registro no son aquellas con las que "
              "eligió, o nunca elige algo de lo que la política elige"));
    case DoubtKind::kRare:
      return base::StrCat(say("the log chose with a probability of ",
                              "el registro eligió con una probabilidad de "),
                          doubt.seen,
                          say("; the least that counts is ", "; la menor que cuenta es "),
                          doubt.wanted);
    case DoubtKind::kFewDecisions:
      return base::StrCat(say("the decisions weigh as much as ", "las decisiones pesan lo que "),
                          std::floor(doubt.seen),
                          say(" of the policy's own; ", " de la propia política; hacen falta "),
                          doubt.wanted, say(" are needed", ""));
    case DoubtKind::kFewRewards:
      return base::StrCat(
          doubt.seen,
          say(" decisions were rewarded; ", " decisiones tuvieron recompensa; hacen falta "),
          doubt.wanted, say(" are needed", ""));
  }
  return "";
}

absl::StatusOr<OffPolicyReport> EvaluateOffPolicy(const DecisionLog& log, TargetPolicy& policy,
                                                  const OffPolicyOptions& options) {
  return EvaluateOffPolicy(
      log,
      [&](size_t decision) -> const std::vector<double>& {
        return policy.Probabilities(log.decisions[decision].context);
      },
      options);
}

absl::StatusOr<OffPolicyReport> EvaluateOffPolicy(const DecisionLog& log,
                                                  TargetProbabilities target,
                                                  const OffPolicyOptions& options) {
  OffPolicyReport report;
  if (log.decisions.size() < 2) {
    return absl::InvalidArgumentError("a log of at least two decisions is needed");
  }
  const Terms terms(log, target, options.switch_at, report);
  if (terms.all().size() < 2) {
    return absl::InvalidArgumentError(
        "the policy chooses something in less than two decisions: its expression gives a number, "
        "or one above 0 where scores are weights, for none of the actions");
  }
  NoteWeights(terms.all(), report);
  std::vector<Method> methods = Methods();
  methods.push_back({"logged", [](const Term& t) { return t.reward; }});
  methods.push_back({"gain", [](const Term& t) { return t.modelled + t.correction - t.reward; }});
  for (const Method& method : methods) report.estimates.push_back(EstimateBy(method, terms.all()));
  if (options.bootstrap > 0) Bootstrap(methods, terms.all(), options, report.estimates);
  report.gain = report.estimates.back();
  report.estimates.pop_back();
  report.logged = report.estimates.back();
  report.estimates.pop_back();
  FindDoubts(options.limits, report);
  return report;
}

}  // namespace batuta::experiment

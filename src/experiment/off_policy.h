// What another policy would have earned in the decisions of a log: off-policy evaluation.
//
// With w = pi(a) / p, the probability of the logged action under the target policy over the logged
// one, and q(a) a model of the reward of an action:
//
//   IPS        mean of w r                                   Horvitz and Thompson (1952)
//   SNIPS      sum of w r / sum of w                         Swaminathan and Joachims (2015)
//   DM         mean of sum over a of pi(a) q(a)
//   DR         DM + mean of w (r - q(a))                     Dudik, Langford and Li (2011)
//   Switch-DR  DR, corrected only where w <= tau             Wang, Agarwal and Dudik (2017)
//
// The model is the action's mean reward, drawn towards the mean of all as if by 50 decisions of
// that; each decision is judged by a model of the other two thirds of the log. It need not be
// right: DR is unbiased because the logged probabilities are known.
//
// Standard errors are those of the mean of each estimator's influence function, intervals of 95 %
// by the normal distribution; or by the percentiles of the bootstrap.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "experiment/decision_log.h"
#include "experiment/target_policy.h"
#include "rule/explain.h"

namespace batuta::experiment {

struct Estimate {
  std::string method;  // "ips", "snips", "dm", "dr", "switch_dr"
  double value = 0;
  double standard_error = 0;
  double low = 0;  // of 95 %
  double high = 0;
};

// When a log says enough.
struct OffPolicyLimits {
  double effective_sample = 1000;
  uint64_t rewarded = 50;  // decisions with a reward that is not 0
  double lowest_probability = 0.01;
};

struct OffPolicyOptions {
  double switch_at = 10;   // tau
  uint64_t bootstrap = 0;  // samples; 0: intervals by the normal distribution
  uint64_t seed = 1;
  OffPolicyLimits limits = {};
};

enum class DoubtKind {
  kNoOverlap,     // `seen`: the share of the policy's choices that the log never shows
  kWrongWeights,  // their mean
  kRare,          // the least probability by which the log chose
  kFewDecisions,  // the effective sample
  kFewRewards,    // decisions that were rewarded
};
struct Doubt {
  DoubtKind kind{};
  double seen = 0;
  double wanted = 0;  // what it should be
};
std::string TextOf(const Doubt& doubt, rule::Language language);

struct OffPolicyReport {
  uint64_t decisions = 0;
  uint64_t rewarded = 0;
  uint64_t left_out = 0;  // decisions in which the target policy chooses nothing
  double lowest_probability = 0;
  double mean_weight = 0;  // about 1 if the probabilities of the log are what they say
  double mean_weight_error = 0;
  double highest_weight = 0;
  double effective_sample = 0;  // (sum of w)^2 / sum of w^2
  double unseen = 0;            // share of the target's choices of actions that the log never shows
  double switched = 0;          // share of decisions with w > tau
  Estimate logged;              // what the log's policy earned
  std::vector<Estimate> estimates;
  Estimate gain;  // DR beyond what the log's policy earned, paired
  // Why the log cannot say what the policy would earn; empty if it can.
  std::vector<Doubt> doubts;
};

// What the policy would have chosen in the decision of that index: a probability for each of the
// log's actions, all 0 if it chooses nothing there. Until the next call.
using TargetProbabilities = absl::FunctionRef<const std::vector<double>&(size_t decision)>;

// InvalidArgument if there are less than two decisions in which the policy chooses something.
absl::StatusOr<OffPolicyReport> EvaluateOffPolicy(const DecisionLog& log,
                                                  TargetProbabilities target,
                                                  const OffPolicyOptions& options);
// Requires: the policy is of the log's actions.
absl::StatusOr<OffPolicyReport> EvaluateOffPolicy(const DecisionLog& log, TargetPolicy& policy,
                                                  const OffPolicyOptions& options);

}  // namespace batuta::experiment

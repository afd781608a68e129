// The policy that a log is to judge: for each decision the probability of each action.
//
// An expression in CEL gives each action a score, from `action.…`, the columns of the action, and
// `context.…`, those of the decision; how scores become probabilities is a choice of its own. An
// expression that fails, because a column is empty, say, leaves the action out.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "experiment/decision_log.h"
#include "expr/activation.h"
#include "expr/evaluate.h"
#include "expr/program.h"

namespace batuta::experiment {

enum class Choice {
  kSoftmax,  // in proportion to e^score
  kWeights,  // in proportion to the score, where it is above 0
  kGreedy,   // the highest score; of equal ones all, alike
};

// "softmax", "weights" or "greedy". InvalidArgument for others.
absl::StatusOr<Choice> ParseChoice(std::string_view name);

struct PolicySpec {
  std::string score;
  Choice choice = Choice::kSoftmax;
  double floor = 0;  // of each action that takes part, at most 1 / their number
};

// Used by one thread.
class TargetPolicy {
 public:
  // InvalidArgument, with all that is wrong with the expression and where. The actions outlive it.
  static absl::StatusOr<std::unique_ptr<TargetPolicy>> Make(const PolicySpec& spec,
                                                            const ActionTable& actions);

  // By action; all 0 if none takes part. Until the next call.
  const std::vector<double>& Probabilities(const base::Fields& context);

 private:
  class Source;
  TargetPolicy(const PolicySpec& spec, const ActionTable& actions);
  void Score(const base::Fields& context);

  const PolicySpec spec_;
  const ActionTable& actions_;
  expr::AttributeTable attributes_;
  std::shared_ptr<const expr::Program> program_;
  bool reads_context_ = false;
  bool is_scored_ = false;
  expr::Evaluator evaluator_;
  std::vector<double> scores_;  // NaN: does not take part
  std::vector<double> probabilities_;
};

}  // namespace batuta::experiment

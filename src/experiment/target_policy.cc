#include "experiment/target_policy.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/math.h"
#include "base/text.h"
#include "expr/compile.h"
#include "expr/environment.h"
#include "expr/operators.h"

namespace batuta::experiment {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

double NumberOf(const expr::Value& value) {
  double number = kNone;
  if (value.kind() == expr::Kind::kDouble) number = value.AsDouble();
  if (value.kind() == expr::Kind::kInt) number = static_cast<double>(value.AsInt());
  if (value.kind() == expr::Kind::kUint) number = static_cast<double>(value.AsUint());
  if (value.kind() == expr::Kind::kBool) number = value.AsBool() ? 1 : 0;
  return std::isfinite(number) ? number : kNone;
}

}  // namespace

class TargetPolicy::Source : public expr::AttributeSource {
 public:
  Source(const base::Fields& action, const base::Fields& context)
      : action_(action), context_(context) {}

  expr::Value Read(const expr::Attribute& attribute, expr::Scratch& scratch) const override {
    expr::Value value = expr::Value::OfJson(attribute.variable == "action" ? action_ : context_);
    for (const std::string& field : attribute.fields) value = expr::Select(value, field, scratch);
    return value;
  }

 private:
  const base::Fields& action_;
  const base::Fields& context_;
};

absl::StatusOr<Choice> ParseChoice(std::string_view name) {
  if (name == "softmax") return Choice::kSoftmax;
  if (name == "weights") return Choice::kWeights;
  if (name == "greedy") return Choice::kGreedy;
  return absl::InvalidArgumentError(
      base::StrCat("there is no choice \"", name, "\"; it is softmax, weights or greedy"));
}

TargetPolicy::TargetPolicy(const PolicySpec& spec, const ActionTable& actions)
    : spec_(spec), actions_(actions) {}

absl::StatusOr<std::unique_ptr<TargetPolicy>> TargetPolicy::Make(const PolicySpec& spec,
                                                                 const ActionTable& actions) {
  if (!(spec.floor >= 0 && spec.floor <= 1)) {
    return absl::InvalidArgumentError("the floor of a probability is a number from 0 to 1");
  }
  std::unique_ptr<TargetPolicy> policy(new TargetPolicy(spec, actions));
  expr::Environment environment;
  environment.Declare("action");
  environment.Declare("context");
  const expr::Compiled compiled = expr::Compile(spec.score, environment, policy->attributes_);
  if (compiled.program == nullptr) {
    return absl::InvalidArgumentError(expr::Describe(compiled.diagnostics, spec.score));
  }
  policy->program_ = compiled.program;
  for (const uint32_t slot : compiled.program->slots) {
    policy->reads_context_ |= policy->attributes_.at(slot).variable == "context";
  }
  return policy;
}

void TargetPolicy::Score(const base::Fields& context) {
  if (is_scored_ && !reads_context_) return;
  is_scored_ = true;
  scores_.clear();
  for (const base::Fields& action : actions_.columns) {
    const Source source(action, context);
    expr::Activation activation(attributes_, source);
    scores_.push_back(NumberOf(evaluator_.Evaluate(*program_, activation)));
  }
}

const std::vector<double>& TargetPolicy::Probabilities(const base::Fields& context) {
  if (is_scored_ && !reads_context_) return probabilities_;
  Score(context);
  probabilities_.assign(scores_.size(), 0);
  double highest = -std::numeric_limits<double>::infinity();
  for (const double score : scores_) {
    if (!std::isnan(score)) highest = std::max(highest, score);
  }
  double total = 0;
  double taking_part = 0;
  for (size_t i = 0; i < scores_.size(); ++i) {
    if (std::isnan(scores_[i])) continue;
    double weight = 0;
    if (spec_.choice == Choice::kSoftmax) weight = base::Exp(scores_[i] - highest);
    if (spec_.choice == Choice::kWeights) weight = std::max(scores_[i], 0.0);
    if (spec_.choice == Choice::kGreedy) weight = scores_[i] == highest ? 1 : 0;
    probabilities_[i] = weight;
    total += weight;
    taking_part += 1;
  }
  if (total == 0) {
    std::fill(probabilities_.begin(), probabilities_.end(), 0);
    return probabilities_;
  }
  const double floor = std::min(spec_.floor, 1 / taking_part);
  for (size_t i = 0; i < scores_.size(); ++i) {
    if (std::isnan(scores_[i])) continue;
    probabilities_[i] = floor + (1 - floor * taking_part) * probabilities_[i] / total;
  }
  return probabilities_;
}

}  // namespace batuta::experiment

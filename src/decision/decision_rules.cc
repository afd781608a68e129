#include "decision/decision_rules.h"

#include <utility>

#include "base/status.h"
#include "base/text.h"

namespace batuta::decision {

DecisionRules::DecisionRules(const expr::AttributeTable& attributes, const Situation& situation)
    : attributes_(attributes), activation_(attributes, situation), evaluator_(rule::kRuleBudget) {}

rule::Outcome DecisionRules::Judge(const rule::Rule& rule) {
  return rule::Judge(rule, activation_, evaluator_);
}

rule::Outcome DecisionRules::JudgeOnce(const rule::Rule& rule) {
  const auto [known, is_new] = known_.emplace(&rule, rule::Outcome{});
  if (is_new) known->second = Judge(rule);
  return known->second;
}

void DecisionRules::Explain(const rule::Rule& rule, Operands& operands) {
  for (rule::Leaf& leaf : rule::Explain(rule, attributes_, activation_, evaluator_)) {
    *operands.add_leaves() = std::move(leaf);
  }
}

base::Time DecisionRules::TimeIn(const rule::Rule& rule) {
  for (const uint32_t slot : rule.program().slots) {
    if (attributes_.at(slot).variable != "feature") continue;
    const auto time = base::ParseTime(rule::SeenOf("", activation_.Load(slot)).value().text());
    return time.ok() ? *time : base::kDistantPast;
  }
  BATUTA_CHECK(false, base::StrCat("no event is read by ", rule.text()));
}

policy::Hold PersonHolds::Of(size_t policy) const {
  const HoldRule& rule = catalogue_.hold_rules().at(policy);
  BATUTA_CHECK(rule.holds != nullptr);
  const rule::Outcome outcome = rules_.JudgeOnce(*rule.holds);
  if (outcome == rule::OUTCOME_FALSE) return {};
  policy::Hold hold{.holds = true};
  if (outcome != rule::OUTCOME_TRUE || rule.last == nullptr) return hold;
  const base::Time last = rules_.TimeIn(*rule.last);
  if (last != base::kDistantPast) hold.until = last + catalogue_.policies().all()[policy].window;
  return hold;
}

}  // namespace batuta::decision

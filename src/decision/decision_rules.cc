#include "decision/decision_rules.h"

#include <utility>

#include "base/status.h"
#include "base/text.h"
#include "policy/channel_rate.h"

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

policy::Hold PersonLookups::HoldOf(size_t policy) const {
  const HoldRule& rule = facts_.catalogue.hold_rules().at(policy);
  BATUTA_CHECK(rule.holds != nullptr);
  const rule::Outcome outcome = facts_.rules.JudgeOnce(*rule.holds);
  if (outcome == rule::OUTCOME_FALSE) return {};
  policy::Hold hold{.holds = true};
  if (outcome != rule::OUTCOME_TRUE || rule.last == nullptr) return hold;
  const base::Time last = facts_.rules.TimeIn(*rule.last);
  const policy::Policy& cool_down = facts_.catalogue.policies().all()[policy];
  if (last != base::kDistantPast) hold.until = last + cool_down.window;
  return hold;
}

int64_t PersonLookups::UsualOn(std::string_view channel) const {
  learn::Belief all{.alpha = 0, .beta = 0};
  if (facts_.models != nullptr) {
    for (const std::string& placement : facts_.catalogue.PlacementsOn(channel)) {
      const learn::Belief one = facts_.models->PlacementRate(placement);
      all.alpha += one.alpha;
      all.beta += one.beta;
    }
  }
  if (all.alpha + all.beta <= 0) return policy::kUsualRate;
  return static_cast<int64_t>(all.Mean() * static_cast<double>(policy::kWholeRate));
}

bool PersonLookups::Wants(std::string_view channel) const {
  return facts_.person != nullptr && facts_.person->Preference("channel", channel).wants;
}

}  // namespace batuta::decision

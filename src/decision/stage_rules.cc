// Eligible, applicable, suitable: whether the company may offer the action to this person now
// (within its dates, by its rule), whether it fits the person, whether it is good for them.
//
// Issue, group and action each may say so. The first of the three stages that is not true is the
// one that is told, at the highest level that made it so, with the leaves that did; dates stand
// before all rules.
#include <memory>
#include <string>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "base/status.h"
#include "decision/decision_rules.h"
#include "decision/pipeline.h"

namespace batuta::decision {
namespace {

// The terms of a level, and whose they are.
struct Ground {
  const Terms& terms;
  Level level;
  std::string_view name;  // of a group or an issue
};

// From the highest level to the action.
using Grounds = absl::InlinedVector<Ground, 4>;

Grounds GroundsOf(const Action& action) {
  Grounds grounds;
  for (const Family* family : action.families) {
    grounds.push_back({family->terms, family->level, family->name});
  }
  grounds.push_back({action.terms, ACTION_LEVEL, ""});
  return grounds;
}

Operands& FallOutAt(const Ground& ground, Stage stage, Reason reason, CandidateTrace& candidate) {
  FallOut(candidate, stage, reason);
  Operands& operands = *candidate.mutable_operands();
  operands.set_level(ground.level);
  operands.set_level_name(std::string(ground.name));
  return operands;
}

void CheckDates(const Grounds& grounds, base::Time now, CandidateTrace& candidate) {
  for (const Ground& ground : grounds) {
    const Terms& terms = ground.terms;
    if (terms.starts && now < *terms.starts) {
      return FallOutAt(ground, ELIGIBLE, NOT_STARTED, candidate).set_at(terms.starts->micros);
    }
    if (terms.ends && now >= *terms.ends) {
      return FallOutAt(ground, ELIGIBLE, ENDED, candidate).set_at(terms.ends->micros);
    }
  }
}

Reason ReasonOf(rule::Outcome outcome) {
  if (outcome == rule::OUTCOME_FALSE) return RULE_FALSE;
  return outcome == rule::OUTCOME_UNKNOWN ? RULE_UNKNOWN : RULE_FAILED;
}

void CheckRules(const Grounds& grounds, DecisionRules& rules, CandidateTrace& candidate) {
  const std::pair<Stage, std::shared_ptr<const rule::Rule> Terms::*> stages[] = {
      {ELIGIBLE, &Terms::eligible}, {APPLICABLE, &Terms::applicable}, {SUITABLE, &Terms::suitable}};
  for (const auto& [stage, member] : stages) {
    for (const Ground& ground : grounds) {
      const rule::Rule* rule = (ground.terms.*member).get();
      if (rule == nullptr) continue;
      const rule::Outcome outcome =
          ground.level == ACTION_LEVEL ? rules.Judge(*rule) : rules.JudgeOnce(*rule);
      if (outcome == rule::OUTCOME_TRUE) continue;
      return rules.Explain(*rule, FallOutAt(ground, stage, ReasonOf(outcome), candidate));
    }
  }
}

}  // namespace

void StageRules(const Placement& placement, DecisionRules& rules, Run& run) {
  Trace& trace = run.trace();
  BATUTA_CHECK(trace.candidates_size() == static_cast<int>(placement.candidates.size()));
  for (int i = 0; i < trace.candidates_size(); ++i) {
    const Action& action = *placement.candidates[static_cast<size_t>(i)].action;
    CandidateTrace& candidate = *trace.mutable_candidates(i);
    // Candidates of one action stand together, and the answer is the action's.
    if (i > 0 && placement.candidates[static_cast<size_t>(i) - 1].action == &action) {
      const CandidateTrace& before = trace.candidates(i - 1);
      if (IsAdmissible(before)) continue;
      FallOut(candidate, before.stage(), before.reason());
      *candidate.mutable_operands() = before.operands();
      continue;
    }
    const Grounds grounds = GroundsOf(action);
    CheckDates(grounds, run.now, candidate);
    if (IsAdmissible(candidate)) CheckRules(grounds, rules, candidate);
  }
}

}  // namespace batuta::decision

// Eligible, applicable, suitable: whether the company may offer the action to this person now
// (within its dates, by its rule), whether it fits the person, whether it is good for them. The
// first of the three that is not true is the one that is told, with the leaves that made it so.
#include <utility>
#include <vector>

#include "base/status.h"
#include "decision/pipeline.h"
#include "decision/situation.h"
#include "expr/evaluate.h"
#include "rule/explain.h"

namespace batuta::decision {
namespace {

void CheckDates(const Action& action, base::Time now, CandidateTrace& candidate) {
  if (action.starts && now < *action.starts) {
    FallOut(candidate, ELIGIBLE, NOT_STARTED);
    candidate.mutable_operands()->set_at(action.starts->micros);
  } else if (action.ends && now >= *action.ends) {
    FallOut(candidate, ELIGIBLE, ENDED);
    candidate.mutable_operands()->set_at(action.ends->micros);
  }
}

Reason ReasonOf(rule::Outcome outcome) {
  if (outcome == rule::OUTCOME_FALSE) return RULE_FALSE;
  return outcome == rule::OUTCOME_UNKNOWN ? RULE_UNKNOWN : RULE_FAILED;
}

// The rules of one decision: what several of them ask of the person is read once.
class Rules {
 public:
  Rules(const expr::AttributeTable& attributes, const Situation& situation)
      : attributes_(attributes),
        activation_(attributes, situation),
        evaluator_(rule::kRuleBudget) {}

  void Check(const Action& action, CandidateTrace& candidate) {
    const std::pair<Stage, const rule::Rule*> stages[] = {{ELIGIBLE, action.eligible.get()},
                                                          {APPLICABLE, action.applicable.get()},
                                                          {SUITABLE, action.suitable.get()}};
    for (const auto& [stage, rule] : stages) {
      if (rule == nullptr) continue;
      const rule::Outcome outcome = rule::Judge(*rule, activation_, evaluator_);
      if (outcome == rule::OUTCOME_TRUE) continue;
      FallOut(candidate, stage, ReasonOf(outcome));
      for (rule::Leaf& leaf : rule::Explain(*rule, attributes_, activation_, evaluator_)) {
        *candidate.mutable_operands()->add_leaves() = std::move(leaf);
      }
      return;
    }
  }

 private:
  const expr::AttributeTable& attributes_;
  expr::Activation activation_;
  expr::Evaluator evaluator_;
};

}  // namespace

void StageRules(const Catalogue& catalogue, const Placement& placement, const Situation& situation,
                Run& run) {
  Trace& trace = run.trace();
  BATUTA_CHECK(trace.candidates_size() == static_cast<int>(placement.candidates.size()));
  Rules rules(catalogue.attributes(), situation);
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
    CheckDates(action, run.now, candidate);
    if (IsAdmissible(candidate)) rules.Check(action, candidate);
  }
}

}  // namespace batuta::decision

// Eligibility: whether the company may offer the action to this person now: within its dates, and
// with all its conditions true. The first condition that is not true is the one that is told.
#include <optional>

#include "base/status.h"
#include "base/value.h"
#include "decision/conditions.h"
#include "decision/pipeline.h"

namespace batuta::decision {
namespace {

// The value of a trait, written into the trace at its first reading. A sealed value is written
// without its contents.
const base::Value* ReadTrait(const std::string& name, const PersonView& person, Trace& trace) {
  const base::Value* value = person.Trait(name);
  for (const ValueRead& read : trace.values()) {
    if (read.trait() == name) return value;
  }
  ValueRead& read = *trace.add_values();
  read.set_trait(name);
  if (value == nullptr) return nullptr;
  if (value->has_sealed()) {
    read.mutable_value()->mutable_sealed();
  } else {
    *read.mutable_value() = *value;
  }
  return value;
}

void SetOperands(const Condition& condition, size_t index, Operands& operands) {
  operands.set_condition(static_cast<uint32_t>(index));
  operands.set_trait(condition.trait);
  operands.set_comparison(std::string(ComparisonName(condition.comparison)));
  for (const base::Value& value : condition.values) *operands.add_expected() = value;
}

void CheckDates(const Action& action, base::Time now, CandidateTrace& candidate) {
  if (action.starts && now < *action.starts) {
    FallOut(candidate, ELIGIBLE, NOT_STARTED);
    candidate.mutable_operands()->set_at(action.starts->micros);
  } else if (action.ends && now >= *action.ends) {
    FallOut(candidate, ELIGIBLE, ENDED);
    candidate.mutable_operands()->set_at(action.ends->micros);
  }
}

void CheckConditions(const Action& action, const PersonView& person, Trace& trace,
                     CandidateTrace& candidate) {
  for (size_t i = 0; i < action.eligible.size(); ++i) {
    const Condition& condition = action.eligible[i];
    const Truth truth = Holds(condition, ReadTrait(condition.trait, person, trace));
    if (truth == Truth::kTrue) continue;
    FallOut(candidate, ELIGIBLE, truth == Truth::kFalse ? CONDITION_FALSE : CONDITION_UNKNOWN);
    SetOperands(condition, i, *candidate.mutable_operands());
    return;
  }
}

}  // namespace

void StageEligible(const Placement& placement, const PersonView& person, Run& run) {
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
    CheckDates(action, run.now, candidate);
    if (IsAdmissible(candidate)) CheckConditions(action, person, trace, candidate);
  }
}

}  // namespace batuta::decision

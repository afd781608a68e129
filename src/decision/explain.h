// A decision in words and numbers: what was considered, what fell out where and why, what won and
// with which probability.
//
// Built from the trace alone, so it can be asked of any decision whose record is kept. Says nothing
// about what would have changed the answer.
#pragma once

#include "base/value.pb.h"
#include "decision/decision.pb.h"
#include "rule/explain.h"

namespace batuta::decision {

using Language = rule::Language;

// An object {decisionId, personId, placement, time, summary, chosen[], considered[], nothing,
// holdout?, exploration, policies[], values[], versions}; the order of members is fixed. Sentences
// are in the given language, codes and numbers are not.
base::Value Explain(const Decision& decision, Language language);

// One sentence about the first slot, for lists and terminals: "gold-card, with probability 0.81:
// …".
std::string Summary(const Decision& decision, Language language);

// Of a decision that another system made: {id, outcome?, outcomeAt?, value?}.
base::Value ImportedValue(const Decision& decision);

}  // namespace batuta::decision

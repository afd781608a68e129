// Why a decision did not choose an action, and why it chose nothing: in words and numbers, from its
// trace alone.
#pragma once

#include <string_view>

#include "base/value.pb.h"
#include "decision/catalogue.h"
#include "decision/decision.pb.h"
#include "decision/explain.h"

namespace batuta::decision {

// Definitions that tell of actions which were no candidates. Null where they are not at hand.
struct KnownActions {
  const Catalogue* then = nullptr;  // of the decision's version
  const Catalogue* now = nullptr;
};

// {action, verdict, stage?, result?, why, considered[]}. The verdict is "chosen", "lost" (it took
// part), "excluded" (stage and result say where and why), "no_treatment" (the placement had none
// of the action), "no_action" (there was none of the name) or "unknown" (it was no candidate, and
// the definitions of then are not kept). Of several candidates of the action `why` is about the one
// that came furthest.
base::Value WhyNot(const Decision& decision, std::string_view action, const KnownActions& known,
                   Language language);

// {why, stages[{stage, result, count}]} of a decision with a slot that holds nothing.
base::Value WhyNothing(const Decision& decision, Language language);

bool HoldsNothing(const Decision& decision);  // in some slot

}  // namespace batuta::decision

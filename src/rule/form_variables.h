// Names of events in the conditions of behavioural forms: in a text anything that the author likes,
// in a form always `e`, of a line `p`. An implementation detail of form_behaviour.h.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/value.pb.h"
#include "expr/ast.h"
#include "rule/form.h"

namespace batuta::rule {

inline constexpr std::string_view kEventName = "e";
inline constexpr std::string_view kLineName = "p";

// The variable of the step with that number, from 1, in the text of a sequence: "s1". In texts of
// what was not followed the event is "e", and what must not follow it "n".
std::string StepName(size_t number);
inline constexpr std::string_view kNeverName = "n";

using Renaming = std::vector<std::pair<std::string, std::string>>;

// A copy in which variables have other names, all at once. Null if that might change what another
// name means.
expr::ExprPtr Renamed(const expr::Expr& expr, const Renaming& names);
// Whether the expression reads the variable.
bool Mentions(const expr::Expr& expr, std::string_view variable);

// A chain of names from that variable.
bool IsFieldOf(const expr::Expr& expr, std::string_view variable);

// The operands of a conjunction, as one expression; null if there are none.
expr::ExprPtr AllOf(std::vector<expr::ExprPtr> conjuncts);

// A condition on an event that comes after others, as the form has it.
struct LaterCondition {
  std::optional<base::Value> where;  // on itself
  std::optional<base::Value> keys;   // [{field, equals[, step]}]: equal to those of another
};
// `earlier` are the variables of the events before, in their order. With `has_steps` keys say by
// number which is meant. Nothing if there is no form for the condition.
std::optional<LaterCondition> LaterConditionOf(const expr::Expr& condition, const std::string& own,
                                               const std::vector<std::string>& earlier,
                                               bool has_steps);

}  // namespace batuta::rule

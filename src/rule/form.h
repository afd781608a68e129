// The structured form of a rule, as a visual builder edits it, and its way to CEL and back.
//
//     {"all": [FORM, …]}    {"any": [FORM, …]}    {"none": [FORM, …]}
//     {"field": "person.traits.plan", "operator": "is", "value": "gold"}
//     {"event": "Order Completed", "within": "90d", "where": FORM, "measure": "count",
//      "operator": "atLeast", "value": 3}     what the person did, also with lines of orders,
//                                             what did not follow, and {"sequence": […], …} of
//                                             steps; see form_behaviour.h
//     {"expression": "person.traits.a < person.traits.b"}     what the form has no shape for
//
// Operators: is, isNot, isOneOf, isNoneOf, lessThan, atMost, moreThan, atLeast, contains,
// startsWith, endsWith (of texts), includes (of lists), exists, isMissing, isTrue. `isNot` and
// `isNoneOf` fit also whoever has no such field: they write `(!has(x) || x != v)` and `(!has(x) ||
// !(x in l))`. What a person did is never asked if it is there.
//
// In its one form a group has at least two parts (`none` one), no part of `all` is an `all`, no
// part of `any` an `any`, and no expression could be said by the rest. From there to CEL and back
// is the identity; any other form becomes that of the same meaning. Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/value.pb.h"
#include "expr/ast.h"

namespace batuta::rule {

struct FormProblem {
  std::string pointer;  // JSON pointer into the form
  std::string message;
};

// The CEL text of a form, in one form itself; all that is wrong otherwise.
std::string TextOfForm(const base::Value& form, std::vector<FormProblem>& problems);

// The form of any rule: what has no shape is an expression.
base::Value FormOf(const expr::Expr& tree);

}  // namespace batuta::rule

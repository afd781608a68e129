// What a behavioural condition of the structured form is about: an aggregate over the person's
// events.
//
//     {"event": "Order Completed", "within": "90d", "where": FORM, "measure": "count", …}
//     {"event": "Order Completed", "each": "e.properties.products", "lineWhere": FORM,
//      "measure": "sum", "of": "p.quantity", …}
//     {"sequence": [{"event": "Product Viewed"},
//                   {"event": "Product Added", "where": FORM,
//                    "keys": [{"field": "e.properties.sku", "equals": "e.properties.sku",
//                              "step": 1}]}],
//      "span": "2h", "within": "7d", "measure": "exists", …}
//
// `event` is a name, a list of names, or [] for any. `within` is a duration, "today", "thisWeek" or
// "thisMonth"; or else `lastDays` is a number. The fields of `where` are those of `e`, the event;
// those of `lineWhere` also of `p`, an element of the list that `each` is. `keys` ask for values
// equal to those of an earlier step. `oncePer` is a duration. `notFollowedBy` names an event,
// `notFollowedWithin` a duration; `notFollowedWhere` and `notFollowedKeys` say which: keys without
// a step are equal to those of the event. `measure` is an aggregate of feature/spec.h, `argument`
// the duration that it takes, `of` the field that it is of. An implementation detail of form.h.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/value.pb.h"
#include "expr/ast.h"
#include "feature/spec.h"
#include "rule/form.h"

namespace batuta::rule {

// The members, if the expression is an aggregate that has a shape.
std::optional<base::Value> BehaviourOf(const expr::Expr& expr);

// The names of the members above, in their order.
const std::vector<std::string_view>& BehaviourMembers();

// The text of the aggregate; adds to `problems` what is wrong. `write` gives the text of a form at
// that pointer.
using WriteForm = std::function<std::string(const base::Value& form, const std::string& pointer)>;
std::string TextOfBehaviour(const base::Fields& condition, const std::string& pointer,
                            const WriteForm& write, std::vector<FormProblem>& problems);

// A window of whole days: "today", "thisWeek", "thisMonth".
bool IsCalendarWindow(std::string_view name);
// The aggregate that a form can measure by that name.
std::optional<feature::AggregateForm> MeasureOf(std::string_view name);

// A chain of names from a variable, with at least one name; and in its one form.
bool IsField(const expr::Expr& expr);
std::string FieldText(const expr::Expr& field);
// A text, number or boolean as it is written in a rule.
std::string LiteralText(const base::Value& scalar);

}  // namespace batuta::rule

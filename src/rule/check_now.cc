// Rules on the time that a timer can keep: it must be known beforehand when they change.
#include "base/text.h"
#include "rule/checks.h"
#include "rule/now_shapes.h"

namespace batuta::rule {
namespace {

using expr::Expr;
using expr::ExprKind;

void Check(const Expr& expr, bool is_in_macro, std::vector<Note>& notes) {
  if (!is_in_macro && (TurnsOnce(expr) || IsCalendar(expr))) return;
  if (IsNow(expr)) {
    notes.push_back(
        {Severity::kError, "now", expr.span,
         "a timer cannot tell when this use of `now` changes; compare it with a time, "
         "as in `now - person.traits.joined > duration(\"720h\")`, or ask its calendar, "
         "as in `now.getDayOfWeek(\"America/Mexico_City\") == 1`",
         ""});
    return;
  }
  // What is asked of each element of a list would turn once for each.
  const bool is_macro = is_in_macro || expr.kind == ExprKind::kMacro;
  for (const expr::ExprPtr& child : expr.children) Check(*child, is_macro, notes);
}

}  // namespace

void CheckNow(const Expr& expr, std::vector<Note>& notes) { Check(expr, false, notes); }

}  // namespace batuta::rule

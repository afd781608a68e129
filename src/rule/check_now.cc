// Rules on the time that a timer can keep: it must be known beforehand when they change.
#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"
#include "rule/checks.h"

namespace batuta::rule {
namespace {

using expr::Expr;
using expr::ExprKind;
using expr::Operator;

bool IsNow(const Expr& expr) { return expr.kind == ExprKind::kIdent && expr.name == "now"; }

bool Mentions(const Expr& expr) {
  return IsNow(expr) || std::any_of(expr.children.begin(), expr.children.end(),
                                    [](const expr::ExprPtr& child) { return Mentions(*child); });
}

// now, now + d, now - d, now - t: grows with the time, by as much.
bool GrowsWithTime(const Expr& expr) {
  if (IsNow(expr)) return true;
  const bool sums = expr.kind == ExprKind::kBinary &&
                    (expr.op == Operator::kAdd || expr.op == Operator::kSubtract);
  return sums && GrowsWithTime(*expr.children[0]) && !Mentions(*expr.children[1]);
}

// t - now: shrinks by as much.
bool ShrinksWithTime(const Expr& expr) {
  return expr.kind == ExprKind::kBinary && expr.op == Operator::kSubtract &&
         !Mentions(*expr.children[0]) && GrowsWithTime(*expr.children[1]);
}

bool IsOrder(Operator op) { return op >= Operator::kLess && op <= Operator::kGreaterEqual; }

// A comparison that turns once, at a time that can be computed.
bool TurnsOnce(const Expr& expr) {
  if (expr.kind != ExprKind::kBinary || !IsOrder(expr.op)) return false;
  const Expr& left = *expr.children[0];
  const Expr& right = *expr.children[1];
  const auto is_linear = [](const Expr& side) {
    return GrowsWithTime(side) || ShrinksWithTime(side);
  };
  return (is_linear(left) && !Mentions(right)) || (is_linear(right) && !Mentions(left));
}

// A part of the calendar that changes on the hour or more rarely.
bool IsCalendar(const Expr& expr) {
  static constexpr std::array<std::string_view, 7> kParts = {
      "getFullYear",  "getMonth",     "getDate", "getDayOfMonth",
      "getDayOfYear", "getDayOfWeek", "getHours"};
  return expr.kind == ExprKind::kCall && expr.is_member && GrowsWithTime(*expr.children[0]) &&
         std::find(kParts.begin(), kParts.end(), expr.name) != kParts.end();
}

}  // namespace

void CheckNow(const Expr& expr, std::vector<Note>& notes) {
  if (TurnsOnce(expr) || IsCalendar(expr)) return;
  if (IsNow(expr)) {
    notes.push_back(
        {Severity::kError, "now", expr.span,
         "a timer cannot tell when this use of `now` changes; compare it with a time, "
         "as in `now - person.traits.joined > duration(\"720h\")`, or ask its calendar, "
         "as in `now.getDayOfWeek(\"America/Mexico_City\") == 1`",
         ""});
    return;
  }
  for (const expr::ExprPtr& child : expr.children) CheckNow(*child, notes);
}

}  // namespace batuta::rule

#include "rule/now_shapes.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace batuta::rule {

using expr::Expr;
using expr::ExprKind;
using expr::Operator;

bool IsNow(const Expr& expr) { return expr.kind == ExprKind::kIdent && expr.name == "now"; }

bool MentionsNow(const Expr& expr) {
  return IsNow(expr) || std::any_of(expr.children.begin(), expr.children.end(),
                                    [](const expr::ExprPtr& child) { return MentionsNow(*child); });
}

bool GrowsWithTime(const Expr& expr) {
  if (IsNow(expr)) return true;
  const bool sums = expr.kind == ExprKind::kBinary &&
                    (expr.op == Operator::kAdd || expr.op == Operator::kSubtract);
  return sums && GrowsWithTime(*expr.children[0]) && !MentionsNow(*expr.children[1]);
}

bool ShrinksWithTime(const Expr& expr) {
  return expr.kind == ExprKind::kBinary && expr.op == Operator::kSubtract &&
         !MentionsNow(*expr.children[0]) && GrowsWithTime(*expr.children[1]);
}

static bool IsOrder(Operator op) { return op >= Operator::kLess && op <= Operator::kGreaterEqual; }

bool TurnsOnce(const Expr& expr) {
  if (expr.kind != ExprKind::kBinary || !IsOrder(expr.op)) return false;
  const Expr& left = *expr.children[0];
  const Expr& right = *expr.children[1];
  const auto is_linear = [](const Expr& side) {
    return GrowsWithTime(side) || ShrinksWithTime(side);
  };
  return (is_linear(left) && !MentionsNow(right)) || (is_linear(right) && !MentionsNow(left));
}

bool IsCalendar(const Expr& expr) {
  static constexpr std::array<std::string_view, 7> kParts = {
      "getFullYear",  "getMonth",     "getDate", "getDayOfMonth",
      "getDayOfYear", "getDayOfWeek", "getHours"};
  return expr.kind == ExprKind::kCall && expr.is_member && GrowsWithTime(*expr.children[0]) &&
         std::find(kParts.begin(), kParts.end(), expr.name) != kParts.end();
}

}  // namespace batuta::rule

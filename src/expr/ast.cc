#include "expr/ast.h"

namespace batuta::expr {

const char* Spelling(Operator op) {
  static constexpr const char* kSpellings[] = {"!",  "-", "*",  "/",  "%",  "+",  "-",  "<",
                                               "<=", ">", ">=", "==", "!=", "in", "&&", "||"};
  return kSpellings[static_cast<size_t>(op)];
}

ExprPtr Clone(const Expr& expr) {
  auto copy = std::make_unique<Expr>();
  copy->kind = expr.kind;
  copy->op = expr.op;
  copy->macro = expr.macro;
  copy->optional = expr.optional;
  copy->test_only = expr.test_only;
  copy->is_member = expr.is_member;
  copy->is_absolute = expr.is_absolute;
  copy->height = expr.height;
  copy->span = expr.span;
  copy->name_span = expr.name_span;
  copy->name = expr.name;
  copy->literal = expr.literal;
  copy->fields = expr.fields;
  copy->optional_entries = expr.optional_entries;
  copy->variables = expr.variables;
  for (const ExprPtr& child : expr.children) copy->children.push_back(Clone(*child));
  return copy;
}

std::string DottedName(const Expr& expr) {
  if (expr.kind == ExprKind::kIdent) return expr.name;
  if (expr.kind != ExprKind::kSelect || expr.optional || expr.test_only) return "";
  const std::string operand = DottedName(*expr.children[0]);
  return operand.empty() ? "" : operand + "." + expr.name;
}

}  // namespace batuta::expr

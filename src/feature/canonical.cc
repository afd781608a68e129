#include "feature/canonical.h"

#include <algorithm>
#include <cstdlib>

#include "base/status.h"
#include "base/text.h"
#include "expr/parse.h"
#include "expr/print.h"

namespace batuta::feature {
namespace {

using expr::Expr;
using expr::ExprKind;
using expr::ExprPtr;
using expr::Operator;

bool IsLiteral(const Expr& expr) { return expr.kind == ExprKind::kLiteral; }

bool IsNumber(const Expr& expr) {
  return IsLiteral(expr) && (std::holds_alternative<int64_t>(expr.literal) ||
                             std::holds_alternative<uint64_t>(expr.literal) ||
                             std::holds_alternative<double>(expr.literal));
}

// Numbers of different types compare by value.
void MakeDouble(Expr& expr) {
  constexpr int64_t kExact = int64_t{1} << 53;
  if (!IsLiteral(expr)) return;
  if (const auto* whole = std::get_if<int64_t>(&expr.literal)) {
    if (std::llabs(*whole) <= kExact) expr.literal = static_cast<double>(*whole);
  } else if (const auto* natural = std::get_if<uint64_t>(&expr.literal)) {
    if (*natural <= static_cast<uint64_t>(kExact)) expr.literal = static_cast<double>(*natural);
  }
}

void SortUnique(std::vector<ExprPtr>& children) {
  std::vector<std::pair<std::string, ExprPtr>> printed;
  for (ExprPtr& child : children) {
    std::string text = expr::Print(*child);
    printed.emplace_back(std::move(text), std::move(child));
  }
  std::stable_sort(printed.begin(), printed.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  children.clear();
  const std::string* last = nullptr;
  for (auto& [text, child] : printed) {
    if (last == nullptr || *last != text) children.push_back(std::move(child));
    last = &text;
  }
}

Operator Flipped(Operator op) {
  switch (op) {
    case Operator::kLess:
      return Operator::kGreater;
    case Operator::kLessEqual:
      return Operator::kGreaterEqual;
    case Operator::kGreater:
      return Operator::kLess;
    case Operator::kGreaterEqual:
      return Operator::kLessEqual;
    default:
      return op;
  }
}

bool IsGreater(Operator op) { return op == Operator::kGreater || op == Operator::kGreaterEqual; }

void Swap(Expr& expr) {
  std::swap(expr.children[0], expr.children[1]);
  expr.op = Flipped(expr.op);
}

// What is compared stands left of a literal; of two others `<` says how.
void OrderComparison(Expr& expr) {
  const bool is_left = IsLiteral(*expr.children[0]);
  const bool is_right = IsLiteral(*expr.children[1]);
  if ((is_left && !is_right) || (is_left == is_right && IsGreater(expr.op))) Swap(expr);
  MakeDouble(*expr.children[0]);
  MakeDouble(*expr.children[1]);
}

void OrderOperands(Expr& expr) {
  if (expr::Print(*expr.children[1]) < expr::Print(*expr.children[0])) Swap(expr);
}

void OrderBinary(Expr& expr) {
  switch (expr.op) {
    case Operator::kLess:
    case Operator::kLessEqual:
    case Operator::kGreater:
    case Operator::kGreaterEqual:
      OrderComparison(expr);
      return;
    case Operator::kEqual:
    case Operator::kNotEqual:
      MakeDouble(*expr.children[0]);
      MakeDouble(*expr.children[1]);
      OrderOperands(expr);
      if (IsLiteral(*expr.children[0]) && !IsLiteral(*expr.children[1])) Swap(expr);
      return;
    case Operator::kMultiply:
      OrderOperands(expr);
      return;
    case Operator::kAdd:  // of texts and lists it is not commutative
      if (IsNumber(*expr.children[0]) || IsNumber(*expr.children[1])) OrderOperands(expr);
      return;
    case Operator::kIn: {
      Expr& list = *expr.children[1];
      const bool is_set = list.kind == ExprKind::kList &&
                          std::all_of(list.children.begin(), list.children.end(),
                                      [](const ExprPtr& child) { return IsLiteral(*child); });
      if (!is_set) return;
      for (ExprPtr& child : list.children) MakeDouble(*child);
      SortUnique(list.children);
      list.optional_entries.assign(list.children.size(), false);
      return;
    }
    default:
      return;
  }
}

void Flatten(ExprPtr& expr) {
  std::vector<ExprPtr> operands;
  for (ExprPtr& child : expr->children) {
    if (child->kind == ExprKind::kLogical && child->op == expr->op) {
      for (ExprPtr& inner : child->children) operands.push_back(std::move(inner));
    } else {
      operands.push_back(std::move(child));
    }
  }
  SortUnique(operands);
  if (operands.size() == 1) {
    ExprPtr only = std::move(operands[0]);
    expr = std::move(only);
    return;
  }
  expr->children = std::move(operands);
}

// `!(a == b)` is `a != b`, also in what errs.
void OrderNot(ExprPtr& expr) {
  Expr& operand = *expr->children[0];
  if (expr->op != Operator::kNot || operand.kind != ExprKind::kBinary) return;
  if (operand.op != Operator::kEqual && operand.op != Operator::kNotEqual) return;
  operand.op = operand.op == Operator::kEqual ? Operator::kNotEqual : Operator::kEqual;
  ExprPtr only = std::move(expr->children[0]);
  expr = std::move(only);
}

class Orderer {
 public:
  explicit Orderer(Names scope) : outer_(scope.size()), scope_(std::move(scope)) {}

  void Visit(ExprPtr& expr) {
    if (expr->kind == ExprKind::kIdent) Rename(*expr);
    if (expr->kind == ExprKind::kMacro) {
      VisitMacro(*expr);
    } else {
      for (ExprPtr& child : expr->children) Visit(child);
    }
    if (expr->kind == ExprKind::kLogical) Flatten(expr);
    if (expr->kind == ExprKind::kBinary) OrderBinary(*expr);
    if (expr->kind == ExprKind::kUnary) OrderNot(expr);
    // What was flattened is lower, never higher.
    BATUTA_CHECK(expr::internal::SetHeight(*expr));
  }

 private:
  void Rename(Expr& name) const {
    // With a leading dot it is no variable of a macro.
    const auto inner = static_cast<std::ptrdiff_t>(name.is_absolute ? scope_.size() - outer_ : 0);
    const auto found = std::find_if(scope_.rbegin() + inner, scope_.rend(),
                                    [&](const auto& bound) { return bound.first == name.name; });
    if (found == scope_.rend()) return;
    name.name = found->second;
    name.is_absolute = false;
  }

  void VisitMacro(Expr& macro) {
    Visit(macro.children[0]);
    for (std::string& variable : macro.variables) {
      const std::string canonical = base::StrCat("v", ++bound_);
      scope_.emplace_back(variable, canonical);
      variable = canonical;
    }
    for (size_t i = 1; i < macro.children.size(); ++i) Visit(macro.children[i]);
    for (size_t i = 0; i < macro.variables.size(); ++i) scope_.pop_back();
    bound_ -= static_cast<int>(macro.variables.size());
  }

  const size_t outer_;  // names that are not of macros; the first
  Names scope_;
  int bound_ = 0;  // variables of macros around here
};

void CollectFree(const Expr& expr, std::vector<std::string>& bound,
                 std::vector<const Expr*>& free) {
  if (expr.kind == ExprKind::kIdent) {
    if (expr.is_absolute || std::find(bound.begin(), bound.end(), expr.name) == bound.end()) {
      free.push_back(&expr);
    }
    return;
  }
  const size_t outer = expr.kind == ExprKind::kMacro ? 1 : expr.children.size();
  for (size_t i = 0; i < outer; ++i) CollectFree(*expr.children[i], bound, free);
  if (expr.kind != ExprKind::kMacro) return;
  bound.insert(bound.end(), expr.variables.begin(), expr.variables.end());
  for (size_t i = 1; i < expr.children.size(); ++i) CollectFree(*expr.children[i], bound, free);
  bound.resize(bound.size() - expr.variables.size());
}

}  // namespace

ExprPtr Canonical(const Expr& expr, const Names& names) {
  ExprPtr copy = expr::Clone(expr);
  Orderer(names).Visit(copy);
  return copy;
}

std::vector<const Expr*> Conjuncts(const Expr& expr) {
  if (expr.kind != ExprKind::kLogical || expr.op != Operator::kAnd) return {&expr};
  std::vector<const Expr*> conjuncts;
  for (const ExprPtr& child : expr.children) {
    for (const Expr* conjunct : Conjuncts(*child)) conjuncts.push_back(conjunct);
  }
  return conjuncts;
}

std::string Conjunction(const std::vector<const Expr*>& conjuncts, const Names& names) {
  if (conjuncts.empty()) return "";
  if (conjuncts.size() == 1) return expr::Print(*Canonical(*conjuncts[0], names));
  Expr all;
  all.kind = ExprKind::kLogical;
  all.op = Operator::kAnd;
  for (const Expr* conjunct : conjuncts) all.children.push_back(expr::Clone(*conjunct));
  return expr::Print(*Canonical(all, names));
}

std::vector<const Expr*> FreeNames(const Expr& expr) {
  std::vector<std::string> bound;
  std::vector<const Expr*> free;
  CollectFree(expr, bound, free);
  return free;
}

std::string Renamed(std::string_view text, std::string_view from, std::string_view to) {
  const expr::Parsed parsed = expr::Parse(text);
  BATUTA_CHECK(parsed.expr != nullptr, std::string(text));
  return expr::Print(*Canonical(*parsed.expr, {{std::string(from), std::string(to)}}));
}

}  // namespace batuta::feature

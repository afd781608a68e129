// One form for expressions that mean the same: bound variables renamed, operands of commutative
// operators in one order, whole numbers that are compared with values of JSON as doubles.
//
// Does not prove equality: `a && (a || b)` keeps its form. What it changes keeps its meaning for
// every value, but for which of several errors an expression ends in.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "expr/ast.h"

namespace batuta::feature {

// A variable as it is written, and as it shall be.
using Names = std::vector<std::pair<std::string, std::string>>;

expr::ExprPtr Canonical(const expr::Expr& expr, const Names& names);

// The operands of a conjunction, however nested; of anything else itself.
std::vector<const expr::Expr*> Conjuncts(const expr::Expr& expr);

// All of them, as one canonical text; "" of none.
std::string Conjunction(const std::vector<const expr::Expr*>& conjuncts, const Names& names);

// Names that are used and not bound within, in the order of their places.
std::vector<const expr::Expr*> FreeNames(const expr::Expr& expr);

// The canonical `text` with a variable renamed. Requires: a text that parses.
std::string Renamed(std::string_view text, std::string_view from, std::string_view to);

}  // namespace batuta::feature

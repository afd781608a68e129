// Where a person stands among all, in rules: `percentile("spend")`, `quintile("spend")` and
// `topN("spend", 1000)` of a resource of kind `population`. Internal to this folder.
//
// Which population is written out, so that it can be checked, and so is the number of `topN`. Of
// the person it reads the number that the population is of, which the compiler puts into the call:
// `percentile("spend", feature.orders_value)`. The cut points come from what the rule is asked of
// (expr::AttributeSource::Lookup), as a row by that number (population/measures.h).
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "expr/ast.h"
#include "expr/diagnostic.h"
#include "expr/function.h"
#include "expr/value.h"
#include "population/declaration.h"

namespace batuta::rule {

// What rules ask of populations for: the name, and n of `topN`.
using Tops = std::set<std::pair<std::string, uint64_t>>;

struct PopulationCalls {
  Tops tops;
  std::set<std::string> populations;
  std::vector<expr::Diagnostic> diagnostics;
};
// Puts what is read of a person into the calls. After errors the tree is left half done.
PopulationCalls CompletePopulationCalls(const std::vector<population::Declaration>& declarations,
                                        expr::Expr& tree);

// Whether it is a call of `percentile` or `quintile`, whose value is a number.
bool IsStanding(const expr::Expr& expr);
// Or of `topN`.
bool IsTop(const expr::Expr& expr);

// A number as people are ordered by it; nothing if it is none, or not finite.
std::optional<double> OrderOf(const expr::Value& value);

// The functions, of calls that are complete.
void AddPopulationFunctions(expr::FunctionTable& functions);

}  // namespace batuta::rule

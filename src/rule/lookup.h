// `lookup("products", key)` in rules: the row of a table under a key, with the declared columns as
// its fields, of their types. Internal to this folder.
//
// Which table is written out, so that names and types can be checked; the key is any text or whole
// number. Rows come from what the rule is asked of (expr::AttributeSource::Lookup) as JSON has
// them, so that a trace gives the same.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "expr/ast.h"
#include "expr/function.h"
#include "table/declaration.h"

namespace batuta::rule {

void AddLookup(std::vector<table::Declaration> declarations, expr::FunctionTable& functions);
// Where it must not be used: each call is told so, with the reason.
void RefuseLookup(std::string_view reason, expr::FunctionTable& functions);

// The tables, lists (list.h) and populations (population.h) that an expression looks up in, sorted,
// each once.
std::vector<std::string> TablesOf(const expr::Expr& expr);

}  // namespace batuta::rule

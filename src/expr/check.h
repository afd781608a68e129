// Finds, before anything is evaluated, what could only go wrong: unknown names, operators and
// functions that do not go with the types of their operands.
//
// Gradual: `dyn` goes with everything, and null too, as JSON has it everywhere. Numbers of
// different types may be compared, as at evaluation. What passes may still err on the values that
// it meets; what is refused would err on all. Requires nothing of the values; see type.h for
// declaring them.
#pragma once

#include "expr/ast.h"
#include "expr/diagnostic.h"
#include "expr/environment.h"
#include "expr/type.h"

namespace batuta::expr {

struct Checked {
  Type type;                // of the whole; dyn where it is not known
  Diagnostics diagnostics;  // in the order of their places
};

Checked Check(const Expr& expr, const Environment& environment);

}  // namespace batuta::expr

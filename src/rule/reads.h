// What a rule reads: every chain of names from a variable, as far as it is written out.
//
// An implementation detail of compile.h and of the checks.
#pragma once

#include <string>
#include <vector>

#include "expr/ast.h"
#include "expr/environment.h"

namespace batuta::rule {

struct Read {
  std::string variable;
  std::vector<std::string> fields;
  expr::Span span;           // of the chain
  expr::Span last;           // of its last name
  bool is_presence = false;  // only asked if it is there: has(), .?

  std::string Path() const;  // "person.traits.plan"
};

// In the order of the text; a chain that stands twice is there twice.
std::vector<Read> ReadsOf(const expr::Expr& expr, const expr::Environment& environment);

// What a whole expression reads, if it is nothing but such a chain; else the variable is "".
// `locals` are the names that macros around it bind.
Read ReadOf(const expr::Expr& expr, const expr::Environment& environment,
            const expr::Locals& locals = {});

}  // namespace batuta::rule

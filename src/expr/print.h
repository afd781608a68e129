// A tree as text again, in one form: parsing it gives an equal tree.
//
// Equal trees have equal texts, whatever spaces, quotes and needless parentheses they were written
// with, so the text can stand as the name of what was written.
#pragma once

#include <string>

#include "expr/ast.h"

namespace batuta::expr {

std::string Print(const Expr& expr);

}  // namespace batuta::expr

// From text to tree.
//
// The grammar is that of the public CEL specification with the syntax of optionals (`.?`, `[?]`,
// `?entry`) and of names in backticks. Stops at the first mistake of form. Thread-safe.
#pragma once

#include <cstddef>
#include <string_view>

#include "expr/ast.h"
#include "expr/diagnostic.h"

namespace batuta::expr {

// Longer texts are refused.
inline constexpr size_t kSourceBytesMax = 65536;

struct ParseOptions {
  bool macros = true;  // otherwise has(), all() and the like are calls of functions
};

struct Parsed {
  ExprPtr expr;  // null if there are diagnostics
  Diagnostics diagnostics;
};

Parsed Parse(std::string_view source, const ParseOptions& options = {});

namespace internal {

// Turns a call into the macro that it spells, if it spells one: `call` is replaced. False, with a
// diagnostic, if it names a macro but has not its shape.
bool ExpandMacro(ExprPtr& call, Diagnostics& diagnostics);

// Sets the height from the children. False if it is beyond kHeightMax.
bool SetHeight(Expr& expr);

}  // namespace internal
}  // namespace batuta::expr

// Which parts of an expression do not depend on what it is evaluated with, and their values.
//
// A part that errs is not computed before its time: an error may be absorbed, or never be reached.
#pragma once

#include <map>
#include <optional>

#include "expr/ast.h"
#include "expr/environment.h"
#include "expr/value.h"

namespace batuta::expr {

class Folder {
 public:
  // All must live as long as this. Values are placed in `arena`.
  Folder(const Expr& root, const Environment& environment, Arena& arena);

  // The value of a part of the root, or nothing if it is not constant.
  std::optional<Value> Constant(const Expr& expr);

 private:
  // The number of the outermost local that a part mentions, counted from the outside; kClosed if it
  // mentions none, kOpen if it mentions a variable or calls what must not be computed early.
  int Mark(const Expr& expr, Locals& locals);
  int MarkName(const Expr& expr, const Locals& locals) const;
  int MarkMacro(const Expr& expr, Locals& locals);
  std::optional<Value> Compute(const Expr& expr) const;

  const Environment& environment_;
  Arena& arena_;
  std::map<const Expr*, bool> is_closed_;
  std::map<const Expr*, std::optional<Value>> values_;
};

// The value of a literal, its text placed in `arena`.
Value LiteralValue(const Literal& literal, Arena& arena);

}  // namespace batuta::expr

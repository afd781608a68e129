// From text to a program: parses, checks against the environment, computes what is constant, and
// lays the rest out as instructions.
//
// Attributes are interned into a table that many rules share. Thread-safe but for that table.
#pragma once

#include <memory>
#include <string_view>

#include "expr/activation.h"
#include "expr/ast.h"
#include "expr/diagnostic.h"
#include "expr/environment.h"
#include "expr/parse.h"
#include "expr/program.h"
#include "expr/type.h"

namespace batuta::expr {

struct CompileOptions {
  ParseOptions parse = {};
  // Without, what the checker would refuse becomes an error of the evaluation.
  bool check = true;
};

struct Compiled {
  std::shared_ptr<const Program> program;  // null if there are diagnostics
  Type type;                               // of the result, if it was checked
  Diagnostics diagnostics;
};

Compiled Compile(std::string_view source, const Environment& environment, AttributeTable& table,
                 const CompileOptions& options = {});

// Only the last step, for trees that were checked or rewritten.
std::shared_ptr<const Program> Generate(const Expr& expr, const Environment& environment,
                                        AttributeTable& table);

namespace internal {

// Without computing what is constant.
std::shared_ptr<const Program> GenerateUnfolded(const Expr& expr, const Environment& environment,
                                                AttributeTable& table);

}  // namespace internal
}  // namespace batuta::expr

// What an expression may mention: variables with their types, functions, and the container whose
// names need no prefix.
//
// Names are resolved as the specification says: in container `a.b`, `x` is `a.b.x`, `a.x` or `x`,
// the first that there is; of `x.y.z` the longest beginning that is a variable counts, and the rest
// are fields. Built once, then read by any thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "expr/ast.h"
#include "expr/function.h"
#include "expr/type.h"

namespace batuta::expr {

class Environment {
 public:
  // With the standard library.
  Environment();
  // With a library of its own, the standard one and what the host adds to it.
  explicit Environment(std::shared_ptr<const FunctionTable> functions);

  // "person", or a name with dots. A variable that is declared again has its new type.
  void Declare(std::string name, Type type = Type());
  void set_container(std::string container) { container_ = std::move(container); }

  const Type* FindVariable(std::string_view name) const;
  const FunctionTable& functions() const { return *functions_; }
  const std::shared_ptr<const FunctionTable>& shared_functions() const { return functions_; }
  // In the order of their names.
  std::vector<std::string> VariableNames() const;

  // The candidates for a name in the container, in the order in which they are tried.
  std::vector<std::string> Candidates(std::string_view name, bool is_absolute) const;

  // The function that `name` means here; null if there is none.
  const Function* FindFunction(std::string_view name, bool is_absolute) const;

 private:
  std::string container_;
  std::map<std::string, Type, std::less<>> variables_;
  std::shared_ptr<const FunctionTable> functions_;
};

// What a chain of names like `a.b.c` means.
struct Reference {
  enum class Kind { kUnknown, kLocal, kVariable, kConstant };
  Kind kind = Kind::kUnknown;
  std::string variable;  // its full name; of a local, as written
  Type type;             // of the variable
  Value constant;        // a type such as `int`
  const Expr* node =
      nullptr;  // the part of the chain that was resolved; selections above it are fields
};

// Names that macros bind, the innermost last.
using Locals = std::vector<std::string>;

// Requires: `chain` is an identifier, or selections from one.
Reference Resolve(const Expr& chain, const Environment& environment, const Locals& locals);

// The function that a call means, and if its target is a part of the name: `math.greatest(1)` calls
// "math.greatest" without a target. The function is null if there is none.
struct Callee {
  const Function* function = nullptr;
  bool is_member = false;
};
Callee ResolveCall(const Expr& call, const Environment& environment, const Locals& locals);

}  // namespace batuta::expr

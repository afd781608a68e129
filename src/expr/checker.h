// The walk of the checker over a tree; an implementation detail of check.h.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "expr/check.h"

namespace batuta::expr {

class Checker {
 public:
  Checker(const Environment& environment, Diagnostics& diagnostics)
      : environment_(environment), diagnostics_(diagnostics) {}

  Type Visit(const Expr& expr);

 private:
  // dyn, so that one mistake is told once.
  Type Fail(Span span, std::string message, std::string suggestion = "");
  static Type OfLiteral(const Literal& literal);
  Type OfReference(const Reference& reference);
  Type Name(const Expr& expr);
  Type Select(const Expr& expr);
  Type Field(const Type& operand, const Expr& expr);
  Type Declared(const ObjectSchema& schema, const std::string& name, Span span);
  Type Index(const Expr& expr);
  Type Element(const Type& operand, const Type& index, const Expr& expr);
  // A field whose name is computed might be one that must not be read.
  Type RefuseAnyField(const ObjectSchema& schema, Span span);
  Type Unary(const Expr& expr);
  Type NoOperator(const Expr& expr, const Type& operand);
  Type NoOperator(const Expr& expr, const Type& a, const Type& b);
  Type Binary(const Expr& expr);
  Type In(const Expr& expr, const Type& a, const Type& b);
  // The type of the result; nothing if there is no such operation.
  static std::optional<Type> Arithmetic(Operator op, const Type& a, const Type& b);
  Type Logical(const Expr& expr);
  Type Conditional(const Expr& expr);
  Type List(const Expr& expr);
  // The type of what an entry puts in; `?` takes it out of an optional.
  Type Entry(const Expr& expr, size_t entry, const Expr& value);
  Type Map(const Expr& expr);
  Type Message(const Expr& expr);
  Type Call(const Expr& expr);
  Type NoFunction(const Expr& expr);
  Type NoOverloadOf(const Expr& expr, const Function& function, const std::vector<Type>& arguments);
  void CheckPattern(const Expr& expr, const Function& function);
  Type MacroCall(const Expr& expr);
  void Condition(const Expr& expr);
  // The variables of a macro over `range`.
  void Declare(const Expr& expr, const Type& range);

  const Environment& environment_;
  Diagnostics& diagnostics_;
  Locals names_;             // the variables of macros,
  std::vector<Type> types_;  // and the type of each
};

}  // namespace batuta::expr

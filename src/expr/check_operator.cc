// Operators, and what is built of parts.
#include "base/text.h"
#include "expr/checker.h"
#include "expr/message.h"

namespace batuta::expr {
namespace {

using Tag = Type::Tag;

// Lists and maps whose elements are numbers may meet ones of other numbers.
bool IsEquatable(const Type& a, const Type& b) {
  if (IsComparable(a, b)) return true;
  if (a.kind() != b.kind()) return false;
  if (a.Is(Tag::kList) || a.Is(Tag::kOptional)) return IsEquatable(a.parameter(0), b.parameter(0));
  return a.Is(Tag::kMap) && IsEquatable(a.parameter(0), b.parameter(0)) &&
         IsEquatable(a.parameter(1), b.parameter(1));
}

bool IsOrdered(const Type& type) {
  switch (type.tag()) {
    case Tag::kNull:
    case Tag::kList:
    case Tag::kMap:
    case Tag::kType:
    case Tag::kOptional:
    case Tag::kObject:
      return false;
    default:
      return true;
  }
}

}  // namespace

Type Checker::Unary(const Expr& expr) {
  const Type operand = Visit(*expr.children[0]);
  if (expr.op == Operator::kNot) {
    if (!IsAssignable(operand, Tag::kBool)) return NoOperator(expr, operand);
    return Tag::kBool;
  }
  const bool is_signed = IsAssignable(operand, Tag::kInt) || operand.Is(Tag::kDouble);
  return is_signed ? operand : NoOperator(expr, operand);
}

Type Checker::NoOperator(const Expr& expr, const Type& operand) {
  return Fail(expr.name_span, base::StrCat("`", Spelling(expr.op), "` is not for a value of type ",
                                           operand.Name()));
}

Type Checker::NoOperator(const Expr& expr, const Type& a, const Type& b) {
  const bool is_mixed = a.is_number() && b.is_number();
  return Fail(expr.name_span,
              base::StrCat("`", Spelling(expr.op), "` is not for ", a.Name(), " and ", b.Name()),
              is_mixed ? base::StrCat(a.Name(), "(…)") : std::string());
}

Type Checker::Binary(const Expr& expr) {
  const Type a = Visit(*expr.children[0]);
  const Type b = Visit(*expr.children[1]);
  switch (expr.op) {
    case Operator::kEqual:
    case Operator::kNotEqual:
      return IsEquatable(a, b) ? Type(Tag::kBool) : NoOperator(expr, a, b);
    case Operator::kIn:
      return In(expr, a, b);
    case Operator::kAdd:
    case Operator::kSubtract:
    case Operator::kMultiply:
    case Operator::kDivide:
    case Operator::kRemainder: {
      const auto result = Arithmetic(expr.op, a, b);
      return result ? *result : NoOperator(expr, a, b);
    }
    default: {
      const bool is_fit = IsComparable(a, b) && IsOrdered(a) && IsOrdered(b);
      return is_fit ? Type(Tag::kBool) : NoOperator(expr, a, b);
    }
  }
}

Type Checker::In(const Expr& expr, const Type& a, const Type& b) {
  switch (b.tag()) {
    case Tag::kDyn:
    case Tag::kParameter:
      return Tag::kBool;
    case Tag::kList:
    case Tag::kMap:
      return IsEquatable(a, b.parameter(0)) ? Type(Tag::kBool) : NoOperator(expr, a, b);
    case Tag::kObject:
      return IsAssignable(a, Tag::kString) ? Type(Tag::kBool) : NoOperator(expr, a, b);
    default:
      return NoOperator(expr, a, b);
  }
}

std::optional<Type> Checker::Arithmetic(Operator op, const Type& a, const Type& b) {
  const bool is_sum = op == Operator::kAdd || op == Operator::kSubtract;
  const auto either = [](const Type& type) {
    return type.Is(Tag::kDyn) || type.Is(Tag::kParameter);
  };
  if (a.Is(Tag::kNull) || b.Is(Tag::kNull)) return std::nullopt;
  if (either(a) && either(b)) return Type();
  const Type& known = either(a) ? b : a;
  if (either(a) || either(b)) {
    const bool is_time = known.Is(Tag::kTimestamp) || known.Is(Tag::kDuration);
    if (is_time) return is_sum ? std::optional<Type>(Type()) : std::nullopt;
    return Arithmetic(op, known, known);
  }
  if (a.is_number() && a == b) {
    if (op == Operator::kRemainder && a.Is(Tag::kDouble)) return std::nullopt;
    return a;
  }
  if (!is_sum) return std::nullopt;
  const bool is_add = op == Operator::kAdd;
  if (a.Is(Tag::kTimestamp) && b.Is(Tag::kDuration)) return a;
  if (a.Is(Tag::kDuration) && b.Is(Tag::kDuration)) return a;
  if (a.Is(Tag::kTimestamp) && b.Is(Tag::kTimestamp) && !is_add) return Type(Tag::kDuration);
  if (a.Is(Tag::kDuration) && b.Is(Tag::kTimestamp) && is_add) return b;
  if (is_add && a.tag() == b.tag() && (a.Is(Tag::kString) || a.Is(Tag::kBytes))) return a;
  if (is_add && a.Is(Tag::kList) && b.Is(Tag::kList)) return Join(a, b);
  return std::nullopt;
}

Type Checker::Logical(const Expr& expr) {
  for (const ExprPtr& child : expr.children) {
    const Type term = Visit(*child);
    if (!IsAssignable(term, Tag::kBool)) {
      Fail(child->span, base::StrCat("`", Spelling(expr.op), "` joins conditions; this is of type ",
                                     term.Name()));
    }
  }
  return Tag::kBool;
}

Type Checker::Conditional(const Expr& expr) {
  const Type condition = Visit(*expr.children[0]);
  if (!IsAssignable(condition, Tag::kBool)) {
    Fail(expr.children[0]->span,
         base::StrCat("before ? stands a condition; this is of type ", condition.Name()));
  }
  const Type yes = Visit(*expr.children[1]);
  return Join(yes, Visit(*expr.children[2]));
}

Type Checker::List(const Expr& expr) {
  std::optional<Type> element;
  for (size_t i = 0; i < expr.children.size(); ++i) {
    const Type type = Entry(expr, i, *expr.children[i]);
    element = element ? Join(*element, type) : type;
  }
  return Type::List(element.value_or(Type()));
}

Type Checker::Entry(const Expr& expr, size_t entry, const Expr& value) {
  const Type type = Visit(value);
  if (!expr.optional_entries[entry]) return type;
  if (IsAssignable(type, Type::Optional(Type()))) return type.parameter(0);
  return Fail(value.span,
              base::StrCat("after ? stands an optional; this is of type ", type.Name()));
}

Type Checker::Map(const Expr& expr) {
  std::optional<Type> key;
  std::optional<Type> value;
  for (size_t i = 0; i < expr.optional_entries.size(); ++i) {
    const Expr& written = *expr.children[2 * i];
    const Type type = Visit(written);
    const bool is_key = type.Is(Tag::kDyn) || type.Is(Tag::kInt) || type.Is(Tag::kUint) ||
                        type.Is(Tag::kBool) || type.Is(Tag::kString);
    if (!is_key) Fail(written.span, base::StrCat("values of type ", type.Name(), " are no keys"));
    key = key ? Join(*key, type) : type;
    const Type held = Entry(expr, i, *expr.children[2 * i + 1]);
    value = value ? Join(*value, held) : held;
  }
  return Type::Map(key.value_or(Type()), value.value_or(Type()));
}

Type Checker::Message(const Expr& expr) {
  for (const ExprPtr& child : expr.children) Visit(*child);
  for (const std::string& candidate : environment_.Candidates(expr.name, expr.is_absolute)) {
    if (!IsMessageType(candidate)) continue;
    for (const std::string& field : expr.fields) {
      if (!HasMessageField(candidate, field)) {
        Fail(expr.span, base::StrCat("`", candidate, "` has no field `", field, "`"));
      }
    }
    return Type();
  }
  return Fail(expr.span, base::StrCat("there is no message `", expr.name, "`"));
}

}  // namespace batuta::expr

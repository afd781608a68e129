#include "expr/check.h"

#include <algorithm>
#include <tuple>

#include "base/text.h"
#include "expr/checker.h"

namespace batuta::expr {
namespace {

using Tag = Type::Tag;

}  // namespace

Type Checker::Visit(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::kLiteral:
      return OfLiteral(expr.literal);
    case ExprKind::kIdent:
      return Name(expr);
    case ExprKind::kSelect:
      return Select(expr);
    case ExprKind::kIndex:
      return Index(expr);
    case ExprKind::kCall:
      return Call(expr);
    case ExprKind::kUnary:
      return Unary(expr);
    case ExprKind::kBinary:
      return Binary(expr);
    case ExprKind::kLogical:
      return Logical(expr);
    case ExprKind::kConditional:
      return Conditional(expr);
    case ExprKind::kList:
      return List(expr);
    case ExprKind::kMap:
      return Map(expr);
    case ExprKind::kMessage:
      return Message(expr);
    case ExprKind::kMacro:
      return MacroCall(expr);
  }
  return Type();
}

Type Checker::Fail(Span span, std::string message, std::string suggestion) {
  diagnostics_.push_back({span, std::move(message), std::move(suggestion)});
  return Type();
}

Type Checker::OfLiteral(const Literal& literal) {
  static constexpr Tag kTags[] = {Tag::kNull,   Tag::kBool,   Tag::kInt,  Tag::kUint,
                                  Tag::kDouble, Tag::kString, Tag::kBytes};
  return kTags[literal.index()];
}

Type Checker::OfReference(const Reference& reference) {
  if (reference.kind == Reference::Kind::kVariable) return reference.type;
  if (reference.kind == Reference::Kind::kConstant) {
    return reference.constant.Is(Kind::kType) ? Tag::kType : Tag::kNull;
  }
  const auto found = std::find(names_.rbegin(), names_.rend(), reference.variable);
  return types_[static_cast<size_t>(names_.rend() - found) - 1];
}

Type Checker::Name(const Expr& expr) {
  const Reference reference = Resolve(expr, environment_, names_);
  if (reference.kind != Reference::Kind::kUnknown) return OfReference(reference);
  std::vector<std::string> known = environment_.VariableNames();
  known.insert(known.end(), names_.begin(), names_.end());
  return Fail(expr.span, base::StrCat("there is no variable `", expr.name, "`"),
              base::Suggest(expr.name, known));
}

Type Checker::Select(const Expr& expr) {
  if (!expr.optional && !expr.test_only) {
    const Reference reference = Resolve(expr, environment_, names_);
    if (reference.kind != Reference::Kind::kUnknown && reference.node == &expr) {
      return OfReference(reference);
    }
  }
  const Type operand = Visit(*expr.children[0]);
  const Type field = Field(operand, expr);
  if (expr.test_only) return Tag::kBool;
  const bool is_optional = operand.Is(Tag::kOptional) || expr.optional;
  return is_optional ? Type::Optional(field) : field;
}

Type Checker::Field(const Type& operand, const Expr& expr) {
  switch (operand.tag()) {
    case Tag::kDyn:
    case Tag::kNull:
    case Tag::kParameter:
      return Type();
    case Tag::kOptional:
      return Field(operand.parameter(0), expr);
    case Tag::kMap:
      if (!IsAssignable(Tag::kString, operand.parameter(0))) break;
      return operand.parameter(1);
    case Tag::kObject:
      return Declared(*operand.schema(), expr.name, expr.name_span);
    default:
      break;
  }
  return Fail(expr.name_span,
              base::StrCat("a value of type ", operand.Name(), " has no field `", expr.name, "`"));
}

Type Checker::Declared(const ObjectSchema& schema, const std::string& name, Span span) {
  if (const ObjectField* field = schema.Find(name)) {
    if (!field->refusal.empty()) return Fail(span, field->refusal);
    return field->type;
  }
  if (schema.is_open) return Type();
  std::vector<std::string> known;
  for (const ObjectField& field : schema.fields) known.push_back(field.name);
  const std::string place =
      schema.name.empty() ? "the object" : base::StrCat("`", schema.name, "`");
  return Fail(span, base::StrCat(place, " has no field `", name, "`"), base::Suggest(name, known));
}

Type Checker::Index(const Expr& expr) {
  Type operand = Visit(*expr.children[0]);
  const Type index = Visit(*expr.children[1]);
  const bool through = operand.Is(Tag::kOptional);
  if (through) operand = operand.parameter(0);
  const Type element = Element(operand, index, expr);
  return through || expr.optional ? Type::Optional(element) : element;
}

Type Checker::Element(const Type& operand, const Type& index, const Expr& expr) {
  const Span span = expr.children[1]->span;
  switch (operand.tag()) {
    case Tag::kDyn:
    case Tag::kNull:
    case Tag::kParameter:
      return Type();
    case Tag::kList:
      if (!index.is_number() && !IsAssignable(index, Tag::kInt)) {
        return Fail(span, base::StrCat("a place in a list is an int, not a ", index.Name()));
      }
      return operand.parameter(0);
    case Tag::kMap:
      if (!IsComparable(index, operand.parameter(0))) {
        return Fail(span, base::StrCat("the keys of this map are of type ",
                                       operand.parameter(0).Name(), ", not ", index.Name()));
      }
      return operand.parameter(1);
    case Tag::kObject: {
      const Expr& key = *expr.children[1];
      const auto* name = std::get_if<std::string>(&key.literal);
      if (key.kind == ExprKind::kLiteral && name != nullptr) {
        return Declared(*operand.schema(), *name, span);
      }
      if (IsAssignable(index, Tag::kString)) return RefuseAnyField(*operand.schema(), span);
      return Fail(span, base::StrCat("the keys of an object are strings, not ", index.Name()));
    }
    default:
      break;
  }
  return Fail(expr.name_span, base::StrCat("a value of type ", operand.Name(), " has no elements"));
}

Type Checker::RefuseAnyField(const ObjectSchema& schema, Span span) {
  for (const ObjectField& field : schema.fields) {
    if (!field.refusal.empty()) {
      return Fail(span, "the name of the field must be written out, as some must not be read");
    }
  }
  return Type();
}

Checked Check(const Expr& expr, const Environment& environment) {
  Checked checked;
  checked.type = Checker(environment, checked.diagnostics).Visit(expr);
  std::sort(checked.diagnostics.begin(), checked.diagnostics.end(),
            [](const Diagnostic& a, const Diagnostic& b) {
              return std::tie(a.span.begin, a.span.end, a.message) <
                     std::tie(b.span.begin, b.span.end, b.message);
            });
  return checked;
}

}  // namespace batuta::expr

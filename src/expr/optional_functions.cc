// The optionals extension: values that may be missing.
#include "expr/function.h"

namespace batuta::expr {
namespace {

using Arguments = std::span<const Value>;

// The value that a type has when nothing was said: false, 0, "", an empty list.
bool IsZero(const Value& value) {
  switch (value.kind()) {
    case Kind::kNull:
      return true;
    case Kind::kBool:
    case Kind::kInt:
    case Kind::kUint:
    case Kind::kDuration:
      return value.AsInt() == 0;
    case Kind::kDouble:
      return value.AsDouble() == 0;
    case Kind::kTimestamp:
      return value.seconds() == 0 && value.nanos() == 0;
    case Kind::kString:
    case Kind::kBytes:
    case Kind::kList:
    case Kind::kMap:
      return value.size() == 0;
    case Kind::kOptional:
      return value.optional() == nullptr;
    case Kind::kError:
    case Kind::kType:
      break;
  }
  return false;
}

Value Of(Scratch& scratch, Arguments arguments) {
  return Value::Some(scratch.arena.New(arguments[0]));
}

Value OfNonZero(Scratch& scratch, Arguments arguments) {
  return IsZero(arguments[0]) ? Value::None() : Of(scratch, arguments);
}

Value None(Scratch&, Arguments) { return Value::None(); }

Value HasValue(Scratch&, Arguments arguments) {
  return Value::Bool(arguments[0].optional() != nullptr);
}

Value Content(Scratch&, Arguments arguments) {
  if (arguments[0].optional() != nullptr) return *arguments[0].optional();
  return Value::Error(ErrorCode::kAbsent, "the optional has no value");
}

Value Or(Scratch&, Arguments arguments) {
  return arguments[0].optional() != nullptr ? arguments[0] : arguments[1];
}

Value OrValue(Scratch&, Arguments arguments) {
  return arguments[0].optional() != nullptr ? *arguments[0].optional() : arguments[1];
}

// The contents of those optionals of a list that have one.
Value Unwrap(Scratch& scratch, Arguments arguments) {
  const Value& list = arguments[0];
  if (!scratch.Charge(list.size())) return Scratch::OverBudget();
  Value* elements = scratch.arena.Allocate<Value>(list.size());
  size_t count = 0;
  for (uint32_t i = 0; i < list.size(); ++i) {
    const Value element = list.Element(i);
    if (!element.Is(Kind::kOptional)) {
      return Value::Error(ErrorCode::kNoOverload, "only lists of optionals are unwrapped");
    }
    if (element.optional() != nullptr) elements[count++] = *element.optional();
  }
  return Value::List({elements, count});
}

Value First(Scratch& scratch, Arguments arguments) {
  if (arguments[0].size() == 0) return Value::None();
  return Value::Some(scratch.arena.New(arguments[0].Element(0)));
}

Value Last(Scratch& scratch, Arguments arguments) {
  if (arguments[0].size() == 0) return Value::None();
  return Value::Some(scratch.arena.New(arguments[0].Element(arguments[0].size() - 1)));
}

}  // namespace

void AddOptionalFunctions(FunctionTable& table) {
  table.Add("optional.of", "(A) -> optional(A)", Of);
  table.Add("optional.ofNonZeroValue", "(A) -> optional(A)", OfNonZero);
  table.Add("optional.none", "() -> optional(dyn)", None);
  table.Add("optional.unwrap", "(list(optional(A))) -> list(A)", Unwrap);
  table.Add("unwrapOpt", "list(optional(A)).() -> list(A)", Unwrap);
  table.Add("hasValue", "optional(A).() -> bool", HasValue);
  table.Add("value", "optional(A).() -> A", Content);
  table.Add("or", "optional(A).(optional(A)) -> optional(A)", Or);
  table.Add("orValue", "optional(A).(A) -> A", OrValue);
  table.Add("first", "list(A).() -> optional(A)", First);
  table.Add("last", "list(A).() -> optional(A)", Last);
}

}  // namespace batuta::expr

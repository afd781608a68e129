// The functions of the specification itself: sizes, searching in texts, conversions.
#include <array>
#include <cmath>
#include <string>

#include "base/text.h"
#include "expr/calendar.h"
#include "expr/code_points.h"
#include "expr/function.h"
#include "expr/number_text.h"
#include "expr/operators.h"
#include "expr/pattern.h"

namespace batuta::expr {
namespace {

using Arguments = std::span<const Value>;

constexpr double kTwoTo63 = 9223372036854775808.0;
constexpr double kTwoTo64 = 18446744073709551616.0;

Value OutOfRange() {
  return Value::Error(ErrorCode::kOverflow, "the number is beyond the range of the type");
}

Value NotThatType() {
  return Value::Error(ErrorCode::kBadArgument, "the text is not of that type");
}

Value Copied(Scratch& scratch, const std::string& text) {
  if (!scratch.ChargeBytes(text.size())) return Scratch::OverBudget();
  return Value::Text(scratch.arena.Copy(text));
}

Value Size(Scratch& scratch, Arguments arguments) {
  const Value& value = arguments[0];
  if (value.Is(Kind::kString)) {
    if (!scratch.ChargeBytes(value.AsText().size())) return Scratch::OverBudget();
    return Value::Int(static_cast<int64_t>(CodePointCount(value.AsText())));
  }
  return Value::Int(value.size());
}

// If the time to search allows it.
bool ChargeSearch(Scratch& scratch, Arguments arguments) {
  return scratch.ChargeBytes(arguments[0].AsText().size());
}

Value Contains(Scratch& scratch, Arguments arguments) {
  if (!ChargeSearch(scratch, arguments)) return Scratch::OverBudget();
  return Value::Bool(arguments[0].AsText().find(arguments[1].AsText()) != std::string_view::npos);
}

Value StartsWith(Scratch&, Arguments arguments) {
  return Value::Bool(arguments[0].AsText().starts_with(arguments[1].AsText()));
}

Value EndsWith(Scratch&, Arguments arguments) {
  return Value::Bool(arguments[0].AsText().ends_with(arguments[1].AsText()));
}

Value Matches(Scratch& scratch, Arguments arguments) {
  // Compiling a pattern takes microseconds; constant ones are compiled once, by the compiler.
  if (!scratch.Charge(1000) || !ChargeSearch(scratch, arguments)) return Scratch::OverBudget();
  const auto pattern = CompilePattern(arguments[1].AsText());
  if (!pattern.ok()) {
    return Value::Error(ErrorCode::kBadArgument, "not a regular expression");
  }
  if (!scratch.Charge(pattern->size() * 20)) return Scratch::OverBudget();
  return Value::Bool(pattern->Matches(arguments[0].AsText()));
}

Value ToInt(Scratch&, Arguments arguments) {
  const Value& value = arguments[0];
  switch (value.kind()) {
    case Kind::kInt:
      return value;
    case Kind::kUint:
      return value.AsUint() > INT64_MAX ? OutOfRange()
                                        : Value::Int(static_cast<int64_t>(value.AsUint()));
    case Kind::kDouble: {
      const double number = value.AsDouble();
      if (!(number > -kTwoTo63 && number < kTwoTo63)) return OutOfRange();
      return Value::Int(static_cast<int64_t>(number));
    }
    case Kind::kString: {
      const auto number = ParseInt(value.AsText());
      return number ? Value::Int(*number) : NotThatType();
    }
    default:
      return Value::Int(value.seconds());  // of a timestamp
  }
}

Value ToUint(Scratch&, Arguments arguments) {
  const Value& value = arguments[0];
  switch (value.kind()) {
    case Kind::kUint:
      return value;
    case Kind::kInt:
      return value.AsInt() < 0 ? OutOfRange() : Value::Uint(static_cast<uint64_t>(value.AsInt()));
    case Kind::kDouble: {
      const double number = value.AsDouble();
      if (!(number >= 0 && number < kTwoTo64)) return OutOfRange();
      return Value::Uint(static_cast<uint64_t>(number));
    }
    default: {
      const auto number = ParseUint(value.AsText());
      return number ? Value::Uint(*number) : NotThatType();
    }
  }
}

Value ToDouble(Scratch&, Arguments arguments) {
  const Value& value = arguments[0];
  switch (value.kind()) {
    case Kind::kDouble:
      return value;
    case Kind::kInt:
      return Value::Double(static_cast<double>(value.AsInt()));
    case Kind::kUint:
      return Value::Double(static_cast<double>(value.AsUint()));
    default: {
      const auto number = ParseDouble(value.AsText());
      return number ? Value::Double(*number) : NotThatType();
    }
  }
}

Value ToBool(Scratch&, Arguments arguments) {
  if (arguments[0].Is(Kind::kBool)) return arguments[0];
  for (const std::string_view yes : {"true", "t", "1", "TRUE", "True"}) {
    if (arguments[0].AsText() == yes) return Value::Bool(true);
  }
  for (const std::string_view no : {"false", "f", "0", "FALSE", "False"}) {
    if (arguments[0].AsText() == no) return Value::Bool(false);
  }
  return NotThatType();
}

Value ToText(Scratch& scratch, Arguments arguments) {
  const Value& value = arguments[0];
  switch (value.kind()) {
    case Kind::kString:
      return value;
    case Kind::kBool:
      return Value::Text(value.AsBool() ? "true" : "false");
    case Kind::kInt:
      return Copied(scratch, std::to_string(value.AsInt()));
    case Kind::kUint:
      return Copied(scratch, std::to_string(value.AsUint()));
    case Kind::kDouble:
      return Copied(scratch, DoubleText(value.AsDouble()));
    case Kind::kTimestamp:
      return Copied(scratch, FormatTimestamp(value.seconds(), value.nanos()));
    case Kind::kDuration:
      return Copied(scratch, FormatDuration(value.duration_nanos()));
    default:
      if (!ChargeSearch(scratch, arguments)) return Scratch::OverBudget();
      if (!base::IsValidUtf8(value.AsText())) {
        return Value::Error(ErrorCode::kBadArgument, "the bytes are not valid UTF-8");
      }
      return Value::Text(value.AsText());
  }
}

Value ToBytes(Scratch&, Arguments arguments) { return Value::OfBytes(arguments[0].AsText()); }

Value TypeOf(Scratch&, Arguments arguments) { return Value::Type(TypeName(arguments[0].kind())); }

Value Itself(Scratch&, Arguments arguments) { return arguments[0]; }

}  // namespace

void AddStandardFunctions(FunctionTable& table) {
  table.Add("size",
            "(string) -> int; (bytes) -> int; (list(A)) -> int; (map(A, B)) -> int;"
            "string.() -> int; bytes.() -> int; list(A).() -> int; map(A, B).() -> int",
            Size);
  table.Add("contains", "string.(string) -> bool", Contains);
  table.Add("startsWith", "string.(string) -> bool", StartsWith);
  table.Add("endsWith", "string.(string) -> bool", EndsWith);
  table.Add("matches", "string.(string) -> bool; (string, string) -> bool", Matches);
  table.Add("int",
            "(int) -> int; (uint) -> int; (double) -> int; (string) -> int; (timestamp) -> int",
            ToInt);
  table.Add("uint", "(uint) -> uint; (int) -> uint; (double) -> uint; (string) -> uint", ToUint);
  table.Add("double", "(double) -> double; (int) -> double; (uint) -> double; (string) -> double",
            ToDouble);
  table.Add("bool", "(bool) -> bool; (string) -> bool", ToBool);
  table.Add("string",
            "(string) -> string; (bool) -> string; (int) -> string; (uint) -> string;"
            "(double) -> string; (bytes) -> string; (timestamp) -> string; (duration) -> string",
            ToText);
  table.Add("bytes", "(bytes) -> bytes; (string) -> bytes", ToBytes);
  table.Add("type", "(A) -> type", TypeOf);
  table.Add("dyn", "(A) -> dyn", Itself);
}

}  // namespace batuta::expr

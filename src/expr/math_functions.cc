// The math extension: extremes, rounding, signs, bits.
#include <cmath>

#include "base/math.h"
#include "expr/compare.h"
#include "expr/function.h"
#include "expr/operators.h"

namespace batuta::expr {
namespace {

using Arguments = std::span<const Value>;

constexpr int64_t kBits = 64;

Value BadArgument(const char* detail) { return Value::Error(ErrorCode::kBadArgument, detail); }

bool IsNumber(const Value& value) {
  return value.Is(Kind::kInt) || value.Is(Kind::kUint) || value.Is(Kind::kDouble);
}

// The argument before which no other stands in `order`; the first of equal ones.
Native Extreme(Order order) {
  return [order](Scratch& scratch, Arguments arguments) {
    const bool is_list = arguments.size() == 1 && arguments[0].Is(Kind::kList);
    const size_t count = is_list ? arguments[0].size() : arguments.size();
    if (count == 0) return BadArgument("an empty list has no extreme");
    if (!scratch.Charge(count)) return Scratch::OverBudget();
    Value extreme;
    for (size_t i = 0; i < count; ++i) {
      const Value value = is_list ? arguments[0].Element(static_cast<uint32_t>(i)) : arguments[i];
      if (!IsNumber(value)) return NoOverload();
      if (i == 0 || Compare(value, extreme) == order) extreme = value;
    }
    return extreme;
  };
}

Native OfDouble(double (*rounded)(double)) {
  return [rounded](Scratch&, Arguments arguments) {
    return Value::Double(rounded(arguments[0].AsDouble()));
  };
}

Native TestDouble(bool (*test)(double)) {
  return
      [test](Scratch&, Arguments arguments) { return Value::Bool(test(arguments[0].AsDouble())); };
}

Value Abs(Scratch&, Arguments arguments) {
  const Value& value = arguments[0];
  if (value.Is(Kind::kUint)) return value;
  if (value.Is(Kind::kDouble)) return Value::Double(std::fabs(value.AsDouble()));
  return value.AsInt() < 0 ? Negate(value) : value;
}

Value Sign(Scratch&, Arguments arguments) {
  const Value& value = arguments[0];
  if (value.Is(Kind::kUint)) return Value::Uint(value.AsUint() > 0 ? 1 : 0);
  if (value.Is(Kind::kInt)) return Value::Int((value.AsInt() > 0) - (value.AsInt() < 0));
  const double number = value.AsDouble();
  if (std::isnan(number)) return value;
  return Value::Double((number > 0) - (number < 0));
}

Value SquareRoot(Scratch&, Arguments arguments) {
  const Value& value = arguments[0];
  if (value.Is(Kind::kDouble)) return Value::Double(base::Sqrt(value.AsDouble()));
  if (value.Is(Kind::kInt)) return Value::Double(base::Sqrt(static_cast<double>(value.AsInt())));
  return Value::Double(base::Sqrt(static_cast<double>(value.AsUint())));
}

Value OfBits(const Value& like, uint64_t bits) {
  return like.Is(Kind::kInt) ? Value::Int(static_cast<int64_t>(bits)) : Value::Uint(bits);
}

Native BitOperation(uint64_t (*operation)(uint64_t, uint64_t)) {
  return [operation](Scratch&, Arguments arguments) {
    return OfBits(arguments[0], operation(arguments[0].AsUint(), arguments[1].AsUint()));
  };
}

Value BitNot(Scratch&, Arguments arguments) { return OfBits(arguments[0], ~arguments[0].AsUint()); }

// Shifts of ints are of their bits: what comes in is 0, whatever the sign.
Native BitShift(bool is_left) {
  return [is_left](Scratch&, Arguments arguments) {
    const int64_t count = arguments[1].AsInt();
    if (count < 0) return BadArgument("bits are shifted by a negative count");
    if (count >= kBits) return OfBits(arguments[0], 0);
    const uint64_t bits = arguments[0].AsUint();
    return OfBits(arguments[0], is_left ? bits << count : bits >> count);
  };
}

}  // namespace

void AddMathFunctions(FunctionTable& table) {
  table.Add("math.greatest", "(list(A)) -> A; (dyn...) -> dyn", Extreme(Order::kGreater));
  table.Add("math.least", "(list(A)) -> A; (dyn...) -> dyn", Extreme(Order::kLess));

  table.Add("math.ceil", "(double) -> double", OfDouble([](double x) { return std::ceil(x); }));
  table.Add("math.floor", "(double) -> double", OfDouble([](double x) { return std::floor(x); }));
  // Halves go away from zero.
  table.Add("math.round", "(double) -> double", OfDouble([](double x) { return std::round(x); }));
  table.Add("math.trunc", "(double) -> double", OfDouble([](double x) { return std::trunc(x); }));
  table.Add("math.isNaN", "(double) -> bool", TestDouble([](double x) { return std::isnan(x); }));
  table.Add("math.isInf", "(double) -> bool", TestDouble([](double x) { return std::isinf(x); }));
  table.Add("math.isFinite", "(double) -> bool",
            TestDouble([](double x) { return std::isfinite(x); }));

  table.Add("math.abs", "(int) -> int; (uint) -> uint; (double) -> double", Abs);
  table.Add("math.sign", "(int) -> int; (uint) -> uint; (double) -> double", Sign);
  table.Add("math.sqrt", "(double) -> double; (int) -> double; (uint) -> double", SquareRoot);

  constexpr std::string_view kTwoWords = "(int, int) -> int; (uint, uint) -> uint";
  table.Add("math.bitAnd", kTwoWords, BitOperation([](uint64_t a, uint64_t b) { return a & b; }));
  table.Add("math.bitOr", kTwoWords, BitOperation([](uint64_t a, uint64_t b) { return a | b; }));
  table.Add("math.bitXor", kTwoWords, BitOperation([](uint64_t a, uint64_t b) { return a ^ b; }));
  table.Add("math.bitNot", "(int) -> int; (uint) -> uint", BitNot);
  constexpr std::string_view kShifts = "(int, int) -> int; (uint, int) -> uint";
  table.Add("math.bitShiftLeft", kShifts, BitShift(true));
  table.Add("math.bitShiftRight", kShifts, BitShift(false));
}

}  // namespace batuta::expr

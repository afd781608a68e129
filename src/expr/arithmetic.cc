// Arithmetic, relations, equality and membership.
#include <cstring>

#include "base/status.h"
#include "expr/compare.h"
#include "expr/operators.h"

namespace batuta::expr {
namespace {

constexpr int64_t kNanosPerSecond = 1'000'000'000;
constexpr int64_t kFirstSecond = -62135596800;  // 0001-01-01T00:00:00Z
constexpr int64_t kLastSecond = 253402300799;   // 9999-12-31T23:59:59Z

Value Overflow() {
  return Value::Error(ErrorCode::kOverflow, "the result is beyond the range of its type");
}

Value DivisionByZero() { return Value::Error(ErrorCode::kDivideByZero, "division by zero"); }

Value ApplyInt(Operator op, int64_t a, int64_t b) {
  int64_t result = 0;
  switch (op) {
    case Operator::kAdd:
      return __builtin_add_overflow(a, b, &result) ? Overflow() : Value::Int(result);
    case Operator::kSubtract:
      return __builtin_sub_overflow(a, b, &result) ? Overflow() : Value::Int(result);
    case Operator::kMultiply:
      return __builtin_mul_overflow(a, b, &result) ? Overflow() : Value::Int(result);
    case Operator::kDivide:
    case Operator::kRemainder:
      if (b == 0) return DivisionByZero();
      if (b == -1 && a == INT64_MIN) return Overflow();
      return Value::Int(op == Operator::kDivide ? a / b : a % b);
    default:
      return NoOverload();
  }
}

Value ApplyUint(Operator op, uint64_t a, uint64_t b) {
  uint64_t result = 0;
  switch (op) {
    case Operator::kAdd:
      return __builtin_add_overflow(a, b, &result) ? Overflow() : Value::Uint(result);
    case Operator::kSubtract:
      return __builtin_sub_overflow(a, b, &result) ? Overflow() : Value::Uint(result);
    case Operator::kMultiply:
      return __builtin_mul_overflow(a, b, &result) ? Overflow() : Value::Uint(result);
    case Operator::kDivide:
    case Operator::kRemainder:
      if (b == 0) return DivisionByZero();
      return Value::Uint(op == Operator::kDivide ? a / b : a % b);
    default:
      return NoOverload();
  }
}

Value ApplyDouble(Operator op, double a, double b) {
  switch (op) {
    case Operator::kAdd:
      return Value::Double(a + b);
    case Operator::kSubtract:
      return Value::Double(a - b);
    case Operator::kMultiply:
      return Value::Double(a * b);
    case Operator::kDivide:
      return Value::Double(a / b);
    default:
      return NoOverload();
  }
}

Value Shift(const Value& timestamp, int64_t nanos, bool is_back) {
  int64_t seconds = nanos / kNanosPerSecond;
  int64_t rest = nanos % kNanosPerSecond;
  if (is_back) {
    seconds = -seconds;
    rest = -rest;
  }
  return CheckedTimestamp(timestamp.seconds() + seconds,
                          static_cast<int64_t>(timestamp.nanos()) + rest);
}

Value Difference(const Value& a, const Value& b) {
  int64_t nanos = 0;
  const int64_t seconds = a.seconds() - b.seconds();
  const int64_t rest = static_cast<int64_t>(a.nanos()) - static_cast<int64_t>(b.nanos());
  if (__builtin_mul_overflow(seconds, kNanosPerSecond, &nanos) ||
      __builtin_add_overflow(nanos, rest, &nanos)) {
    return Overflow();
  }
  return Value::Duration(nanos);
}

Value Concatenate(const Value& a, const Value& b, Scratch& scratch) {
  const std::string_view first = a.AsText();
  const std::string_view second = b.AsText();
  if (first.size() + second.size() > UINT32_MAX) return Overflow();
  if (!scratch.ChargeBytes(first.size() + second.size())) return Scratch::OverBudget();
  char* text = scratch.arena.Allocate<char>(first.size() + second.size());
  if (!first.empty()) std::memcpy(text, first.data(), first.size());
  if (!second.empty()) std::memcpy(text + first.size(), second.data(), second.size());
  const std::string_view joined(text, first.size() + second.size());
  return a.Is(Kind::kString) ? Value::Text(joined) : Value::OfBytes(joined);
}

Value Append(const Value& a, const Value& b, Scratch& scratch) {
  const uint64_t size = uint64_t{a.size()} + b.size();
  if (!scratch.Charge(size)) return Scratch::OverBudget();
  Value* elements = scratch.arena.Allocate<Value>(size);
  for (uint32_t i = 0; i < a.size(); ++i) elements[i] = a.Element(i);
  for (uint32_t i = 0; i < b.size(); ++i) elements[a.size() + i] = b.Element(i);
  return Value::List({elements, size});
}

Value AddMixed(const Value& a, const Value& b, Scratch& scratch) {
  if (a.Is(Kind::kTimestamp) && b.Is(Kind::kDuration)) return Shift(a, b.duration_nanos(), false);
  if (a.Is(Kind::kDuration) && b.Is(Kind::kTimestamp)) return Shift(b, a.duration_nanos(), false);
  if (a.kind() != b.kind()) return NoOverload();
  if (a.Is(Kind::kString) || a.Is(Kind::kBytes)) return Concatenate(a, b, scratch);
  if (a.Is(Kind::kList)) return Append(a, b, scratch);
  return NoOverload();
}

Value Arithmetic(Operator op, const Value& a, const Value& b, Scratch& scratch) {
  if (a.kind() == b.kind()) {
    if (a.Is(Kind::kDouble)) return ApplyDouble(op, a.AsDouble(), b.AsDouble());
    if (a.Is(Kind::kInt)) return ApplyInt(op, a.AsInt(), b.AsInt());
    if (a.Is(Kind::kUint)) return ApplyUint(op, a.AsUint(), b.AsUint());
    if (a.Is(Kind::kDuration) && (op == Operator::kAdd || op == Operator::kSubtract)) {
      const Value nanos = ApplyInt(op, a.duration_nanos(), b.duration_nanos());
      return nanos.is_error() ? nanos : Value::Duration(nanos.AsInt());
    }
  }
  if (op == Operator::kAdd) return AddMixed(a, b, scratch);
  if (op == Operator::kSubtract && a.Is(Kind::kTimestamp)) {
    if (b.Is(Kind::kTimestamp)) return Difference(a, b);
    if (b.Is(Kind::kDuration)) return Shift(a, b.duration_nanos(), true);
  }
  return NoOverload();
}

Value Relation(Operator op, const Value& a, const Value& b) {
  const auto order = Compare(a, b);
  if (!order) return NoOverload();
  switch (op) {
    case Operator::kLess:
      return Value::Bool(*order == Order::kLess);
    case Operator::kLessEqual:
      return Value::Bool(*order == Order::kLess || *order == Order::kEqual);
    case Operator::kGreater:
      return Value::Bool(*order == Order::kGreater);
    default:
      return Value::Bool(*order == Order::kGreater || *order == Order::kEqual);
  }
}

bool IsHeavy(const Value& value) {
  return value.Is(Kind::kList) || value.Is(Kind::kMap) || value.Is(Kind::kOptional);
}

Value Equality(Operator op, const Value& a, const Value& b, Scratch& scratch) {
  if (a.kind() == b.kind() && IsHeavy(a) && !ChargeWeight(a, scratch)) return Scratch::OverBudget();
  return Value::Bool(Equal(a, b) == (op == Operator::kEqual));
}

Value In(const Value& a, const Value& b, Scratch& scratch) {
  if (b.Is(Kind::kMap)) {
    if (!scratch.Charge(b.size())) return Scratch::OverBudget();
    const Value found = FindKey(b, a);
    if (!found.is_error()) return Value::Bool(true);
    return Value::Bool(found.code() == ErrorCode::kSealed);
  }
  if (!b.Is(Kind::kList)) return NoOverload();
  const bool is_charged = IsHeavy(a) ? ChargeWeight(b, scratch) : scratch.Charge(b.size());
  if (!is_charged) return Scratch::OverBudget();
  for (uint32_t i = 0; i < b.size(); ++i) {
    if (Equal(a, b.Element(i))) return Value::Bool(true);
  }
  return Value::Bool(false);
}

}  // namespace

Value CheckedTimestamp(int64_t seconds, int64_t nanos) {
  if (seconds < kFirstSecond - 1 - INT32_MAX || seconds > kLastSecond + INT32_MAX)
    return Overflow();
  seconds += nanos / kNanosPerSecond;
  nanos %= kNanosPerSecond;
  if (nanos < 0) {
    nanos += kNanosPerSecond;
    --seconds;
  }
  if (seconds < kFirstSecond || seconds > kLastSecond) return Overflow();
  return Value::Timestamp(seconds, static_cast<uint32_t>(nanos));
}

Value Not(const Value& operand) {
  if (operand.Is(Kind::kBool)) return Value::Bool(!operand.AsBool());
  return operand.is_error() ? operand : NoOverload();
}

Value Negate(const Value& operand) {
  if (operand.Is(Kind::kInt)) return ApplyInt(Operator::kSubtract, 0, operand.AsInt());
  if (operand.Is(Kind::kDouble)) return Value::Double(-operand.AsDouble());
  return operand.is_error() ? operand : NoOverload();
}

Value Apply(Operator op, const Value& a, const Value& b, Scratch& scratch) {
  if (a.is_error()) return a;
  if (b.is_error()) return b;
  switch (op) {
    case Operator::kEqual:
    case Operator::kNotEqual:
      return Equality(op, a, b, scratch);
    case Operator::kLess:
    case Operator::kLessEqual:
    case Operator::kGreater:
    case Operator::kGreaterEqual:
      return Relation(op, a, b);
    case Operator::kIn:
      return In(a, b, scratch);
    case Operator::kAdd:
    case Operator::kSubtract:
    case Operator::kMultiply:
    case Operator::kDivide:
    case Operator::kRemainder:
      return Arithmetic(op, a, b, scratch);
    default:
      break;
  }
  BATUTA_CHECK(false, "not a binary operator");
  return NoOverload();
}

}  // namespace batuta::expr

#include "expr/compare.h"

#include <limits>

#include "base/status.h"

namespace batuta::expr {
namespace {

template <typename T>
Order OrderOf(const T& a, const T& b) {
  if (a < b) return Order::kLess;
  if (b < a) return Order::kGreater;
  return a == b ? Order::kEqual : Order::kNone;
}

Order Reverse(Order order) {
  if (order == Order::kLess) return Order::kGreater;
  return order == Order::kGreater ? Order::kLess : order;
}

bool IsNumber(const Value& value) {
  return value.Is(Kind::kInt) || value.Is(Kind::kUint) || value.Is(Kind::kDouble);
}

Order CompareIntUint(int64_t a, uint64_t b) {
  return a < 0 ? Order::kLess : OrderOf(static_cast<uint64_t>(a), b);
}

Order CompareNumbers(const Value& a, const Value& b) {
  if (a.kind() == b.kind()) {
    if (a.Is(Kind::kInt)) return OrderOf(a.AsInt(), b.AsInt());
    if (a.Is(Kind::kUint)) return OrderOf(a.AsUint(), b.AsUint());
    return OrderOf(a.AsDouble(), b.AsDouble());
  }
  if (a.Is(Kind::kInt) && b.Is(Kind::kUint)) return CompareIntUint(a.AsInt(), b.AsUint());
  if (a.Is(Kind::kUint) && b.Is(Kind::kInt)) return Reverse(CompareIntUint(b.AsInt(), a.AsUint()));
  if (a.Is(Kind::kInt)) return OrderOf(static_cast<double>(a.AsInt()), b.AsDouble());
  if (a.Is(Kind::kUint)) return OrderOf(static_cast<double>(a.AsUint()), b.AsDouble());
  return Reverse(CompareNumbers(b, a));
}

bool EqualLists(const Value& a, const Value& b) {
  if (a.size() != b.size()) return false;
  for (uint32_t i = 0; i < a.size(); ++i) {
    if (!Equal(a.Element(i), b.Element(i))) return false;
  }
  return true;
}

bool EqualMaps(const Value& a, const Value& b) {
  if (a.size() != b.size()) return false;
  for (uint32_t i = 0; i < a.size(); ++i) {
    const Value other = FindKey(b, a.Key(i));
    if (other.is_error() || !Equal(a.Held(i), other)) return false;
  }
  return true;
}

bool EqualOptionals(const Value* a, const Value* b) {
  if (a == nullptr || b == nullptr) return a == b;
  return Equal(*a, *b);
}

bool IsSameKey(const Value& key, const Value& value) {
  if (IsNumber(key) && IsNumber(value)) return CompareNumbers(key, value) == Order::kEqual;
  return key.kind() == value.kind() && Equal(key, value);
}

}  // namespace

bool IsKey(const Value& value) {
  return value.Is(Kind::kString) || value.Is(Kind::kInt) || value.Is(Kind::kUint) ||
         value.Is(Kind::kBool);
}

bool Equal(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) {
    return IsNumber(a) && IsNumber(b) && CompareNumbers(a, b) == Order::kEqual;
  }
  switch (a.kind()) {
    case Kind::kError:
      return false;
    case Kind::kNull:
      return true;
    case Kind::kBool:
      return a.AsBool() == b.AsBool();
    case Kind::kInt:
    case Kind::kUint:
    case Kind::kDuration:
      return a.AsInt() == b.AsInt();
    case Kind::kDouble:
      return a.AsDouble() == b.AsDouble();
    case Kind::kString:
    case Kind::kBytes:
    case Kind::kType:
      return a.AsText() == b.AsText();
    case Kind::kTimestamp:
      return a.seconds() == b.seconds() && a.nanos() == b.nanos();
    case Kind::kList:
      return EqualLists(a, b);
    case Kind::kMap:
      return EqualMaps(a, b);
    case Kind::kOptional:
      return EqualOptionals(a.optional(), b.optional());
  }
  return false;
}

std::optional<Order> Compare(const Value& a, const Value& b) {
  if (IsNumber(a) && IsNumber(b)) return CompareNumbers(a, b);
  if (a.kind() != b.kind()) return std::nullopt;
  switch (a.kind()) {
    case Kind::kBool:
      return OrderOf(a.AsBool(), b.AsBool());
    case Kind::kString:
    case Kind::kBytes:
      return OrderOf(a.AsText(), b.AsText());
    case Kind::kDuration:
      return OrderOf(a.duration_nanos(), b.duration_nanos());
    case Kind::kTimestamp: {
      const Order order = OrderOf(a.seconds(), b.seconds());
      return order == Order::kEqual ? OrderOf(a.nanos(), b.nanos()) : order;
    }
    default:
      return std::nullopt;
  }
}

Value FindKey(const Value& map, const Value& key) {
  BATUTA_CHECK(map.Is(Kind::kMap));
  if (key.Is(Kind::kString)) return map.Field(key.AsText());
  if (!IsKey(key) && !key.Is(Kind::kDouble)) {
    return Value::Error(ErrorCode::kNoOverload, "values of this type are no keys of maps");
  }
  for (const Entry& entry : map.entries()) {
    if (IsSameKey(entry.key, key)) return entry.value;
  }
  return Value::Error(ErrorCode::kAbsent, "the map has no such key", true);
}

}  // namespace batuta::expr

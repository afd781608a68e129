#include "expr/message.h"

#include <limits>

#include "base/status.h"
#include "expr/compare.h"
#include "expr/operators.h"

namespace batuta::expr {
namespace {

constexpr std::string_view kPackage = "google.protobuf.";

struct FieldRule {
  std::string_view type;
  std::string_view field;
  Kind kind;
};
constexpr FieldRule kFields[] = {
    {"Value", "null_value", Kind::kNull},     {"Value", "number_value", Kind::kDouble},
    {"Value", "string_value", Kind::kString}, {"Value", "bool_value", Kind::kBool},
    {"Value", "struct_value", Kind::kMap},    {"Value", "list_value", Kind::kList},
    {"Struct", "fields", Kind::kMap},         {"ListValue", "values", Kind::kList},
    {"BoolValue", "value", Kind::kBool},      {"BytesValue", "value", Kind::kBytes},
    {"StringValue", "value", Kind::kString},  {"DoubleValue", "value", Kind::kDouble},
    {"FloatValue", "value", Kind::kDouble},   {"Int32Value", "value", Kind::kInt},
    {"Int64Value", "value", Kind::kInt},      {"UInt32Value", "value", Kind::kUint},
    {"UInt64Value", "value", Kind::kUint},    {"Timestamp", "seconds", Kind::kInt},
    {"Timestamp", "nanos", Kind::kInt},       {"Duration", "seconds", Kind::kInt},
    {"Duration", "nanos", Kind::kInt}};

std::string_view ShortName(std::string_view type) {
  return type.starts_with(kPackage) ? type.substr(kPackage.size()) : std::string_view();
}

const FieldRule* FindField(std::string_view type, std::string_view field) {
  for (const FieldRule& rule : kFields) {
    if (rule.type == type && rule.field == field) return &rule;
  }
  return nullptr;
}

Value ZeroOf(std::string_view type) {
  if (type == "Value") return Value();
  for (const FieldRule& rule : kFields) {
    if (rule.type != type) continue;
    switch (rule.kind) {
      case Kind::kBool:
        return Value::Bool(false);
      case Kind::kInt:
        return Value::Int(0);
      case Kind::kUint:
        return Value::Uint(0);
      case Kind::kDouble:
        return Value::Double(0);
      case Kind::kString:
        return Value::Text("");
      case Kind::kBytes:
        return Value::OfBytes("");
      case Kind::kList:
        return Value::List({});
      default:
        return Value::Map({});
    }
  }
  return Value();
}

Value OutOfRange() {
  return Value::Error(ErrorCode::kOverflow, "the number is beyond the range of the field");
}

// The value as the wrapper holds it.
Value Narrow(std::string_view type, const Value& value) {
  if (type == "Int32Value" && (value.AsInt() < INT32_MIN || value.AsInt() > INT32_MAX)) {
    return OutOfRange();
  }
  if (type == "UInt32Value" && value.AsUint() > UINT32_MAX) return OutOfRange();
  if (type == "FloatValue") {
    const double number = value.AsDouble();
    constexpr double kMax = std::numeric_limits<float>::max();
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    if (number > kMax) return Value::Double(kInfinity);
    if (number < -kMax) return Value::Double(-kInfinity);
    return Value::Double(static_cast<double>(static_cast<float>(number)));
  }
  return value;
}

Value MakeTime(std::string_view type, int64_t seconds, int64_t nanos) {
  constexpr int64_t kNanosPerSecond = 1'000'000'000;
  if (type == "Timestamp") return CheckedTimestamp(seconds, nanos);
  int64_t total = 0;
  if (__builtin_mul_overflow(seconds, kNanosPerSecond, &total) ||
      __builtin_add_overflow(total, nanos, &total)) {
    return OutOfRange();
  }
  return Value::Duration(total);
}

}  // namespace

bool IsMessageType(std::string_view name) {
  for (const FieldRule& rule : kFields) {
    if (rule.type == ShortName(name)) return true;
  }
  return false;
}

bool HasMessageField(std::string_view type, std::string_view field) {
  return FindField(ShortName(type), field) != nullptr;
}

Value MakeMessage(const MessageShape& shape, std::span<const Value> values, Scratch&) {
  const std::string_view type = ShortName(shape.type);
  BATUTA_CHECK(values.size() == shape.fields.size());
  Value result = ZeroOf(type);
  int64_t seconds = 0;
  int64_t nanos = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    Value value = values[i];
    if (value.is_error()) return value;
    if (shape.optional[i]) {
      if (!value.Is(Kind::kOptional)) return NoOverload();
      if (value.optional() == nullptr) continue;
      value = *value.optional();
    }
    const FieldRule* rule = FindField(type, shape.fields[i]);
    BATUTA_CHECK(rule != nullptr);
    if (!value.Is(rule->kind)) return NoOverload();
    if (rule->field == "seconds") seconds = value.AsInt();
    if (rule->field == "nanos") nanos = value.AsInt();
    result = Narrow(type, value);
    if (result.is_error()) return result;
  }
  const bool is_time = type == "Timestamp" || type == "Duration";
  return is_time ? MakeTime(type, seconds, nanos) : result;
}

}  // namespace batuta::expr

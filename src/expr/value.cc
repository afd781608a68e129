#include "expr/value.h"

#include <array>

#include "base/status.h"
#include "base/value.h"
#include "expr/arena.h"

namespace batuta::expr {

const char* Name(ErrorCode code) {
  static constexpr const char* kNames[] = {"absent",       "sealed",           "no overload",
                                           "undeclared",   "division by zero", "overflow",
                                           "bad argument", "bad index",        "budget"};
  return kNames[static_cast<size_t>(code)];
}

std::string_view TypeName(Kind kind) {
  static constexpr std::array<std::string_view, 14> kNames = {"error",
                                                              "null_type",
                                                              "bool",
                                                              "int",
                                                              "uint",
                                                              "double",
                                                              "string",
                                                              "bytes",
                                                              "google.protobuf.Timestamp",
                                                              "google.protobuf.Duration",
                                                              "list",
                                                              "map",
                                                              "type",
                                                              "optional_type"};
  return kNames[static_cast<size_t>(kind)];
}

Value Value::Double(double number) {
  Value value(Kind::kDouble, 0);
  value.double_ = number;
  return value;
}

Value Value::Timestamp(int64_t seconds, uint32_t nanos) {
  BATUTA_CHECK(nanos < 1'000'000'000);
  Value value(Kind::kTimestamp, seconds);
  value.size_ = nanos;
  return value;
}

Value Value::Error(ErrorCode code, const char* detail, bool is_last) {
  Value value(Kind::kError, detail, 0);
  value.form_ = static_cast<uint8_t>(code);
  value.flag_ = is_last;
  return value;
}

Value Value::At(uint32_t offset) const {
  Value value = *this;
  if (is_error() && size_ == 0) value.size_ = offset + 1;
  return value;
}

Value Value::OfJson(const base::Fields& object) {
  return Value(Kind::kMap, &object, static_cast<size_t>(object.fields_size()), Form::kJson);
}

Value Value::OfJson(const base::Value& json) {
  switch (json.kind_case()) {
    case base::Value::kBoolean:
      return Bool(json.boolean());
    case base::Value::kNumber:
      return Double(json.number());
    case base::Value::kText:
      return Text(json.text());
    case base::Value::kList:
      return Value(Kind::kList, &json.list(), static_cast<size_t>(json.list().values_size()),
                   Form::kJson);
    case base::Value::kObject:
      return OfJson(json.object());
    case base::Value::kSealed:
      return Error(ErrorCode::kSealed, "the value is personal and sealed");
    case base::Value::kNull:
    case base::Value::KIND_NOT_SET:
      break;
  }
  return Value();
}

uint32_t Value::size() const { return size_; }

Value Value::Element(uint32_t index) const {
  BATUTA_CHECK(kind_ == Kind::kList && index < size_);
  if (!is_json()) return static_cast<const Value*>(pointer_)[index];
  return OfJson(static_cast<const base::ValueList*>(pointer_)->values(static_cast<int>(index)));
}

Value Value::Key(uint32_t index) const {
  BATUTA_CHECK(kind_ == Kind::kMap && index < size_);
  if (!is_json()) return static_cast<const Entry*>(pointer_)[index].key;
  return Text(static_cast<const base::Fields*>(pointer_)->fields(static_cast<int>(index)).name());
}

Value Value::Held(uint32_t index) const {
  BATUTA_CHECK(kind_ == Kind::kMap && index < size_);
  if (!is_json()) return static_cast<const Entry*>(pointer_)[index].value;
  return OfJson(
      static_cast<const base::Fields*>(pointer_)->fields(static_cast<int>(index)).value());
}

std::span<const Entry> Value::entries() const {
  if (kind_ != Kind::kMap || is_json()) return {};
  return {static_cast<const Entry*>(pointer_), size_};
}

Value Value::Field(std::string_view name) const {
  if (is_json()) {
    const base::Value* field = base::Find(*static_cast<const base::Fields*>(pointer_), name);
    if (field != nullptr) return OfJson(*field);
  } else {
    for (const Entry& entry : entries()) {
      if (entry.key.Is(Kind::kString) && entry.key.AsText() == name) return entry.value;
    }
  }
  return Error(ErrorCode::kAbsent, "the field is absent", true);
}

Value DeepCopy(const Value& value, Arena& arena) {
  switch (value.kind()) {
    case Kind::kString:
      return Value::Text(arena.Copy(value.AsText()));
    case Kind::kBytes:
      return Value::OfBytes(arena.Copy(value.AsText()));
    case Kind::kOptional:
      if (value.optional() == nullptr) return value;
      return Value::Some(arena.New(DeepCopy(*value.optional(), arena)));
    case Kind::kList: {
      Value* elements = arena.Allocate<Value>(value.size());
      for (uint32_t i = 0; i < value.size(); ++i) {
        new (elements + i) Value(DeepCopy(value.Element(i), arena));
      }
      return Value::List({elements, value.size()});
    }
    case Kind::kMap: {
      Entry* entries = arena.Allocate<Entry>(value.size());
      for (uint32_t i = 0; i < value.size(); ++i) {
        new (entries + i) Entry{DeepCopy(value.Key(i), arena), DeepCopy(value.Held(i), arena)};
      }
      return Value::Map({entries, value.size()});
    }
    default:
      return value;
  }
}

}  // namespace batuta::expr

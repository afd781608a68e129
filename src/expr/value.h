// A value of the expression language: 16 bytes, copied freely, owns nothing.
//
// Texts, lists and maps point to memory of others: a constant of the program, the arena of the
// evaluation, or the base::Value that they were read from. Whoever keeps a Value keeps that memory.
// An error is a value too: operations pass it on. JSON is read in place: numbers are doubles, an
// object is a map with texts as keys, and a sealed value is an error, as its plaintext is unknown.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/value.pb.h"

namespace batuta::expr {

enum class Kind : uint8_t {
  kError,
  kNull,
  kBool,
  kInt,
  kUint,
  kDouble,
  kString,
  kBytes,
  kTimestamp,
  kDuration,
  kList,
  kMap,
  kType,
  kOptional,
};

enum class ErrorCode : uint8_t {
  kAbsent,      // a field or key that is not there: the rule is unknown, not wrong
  kSealed,      // personal and sealed
  kNoOverload,  // not for values of these types
  kUndeclared,  // no variable or function of that name
  kDivideByZero,
  kOverflow,     // beyond the range of the type
  kBadArgument,  // of the right type, but without meaning here
  kBadIndex,     // beyond the list or the text
  kBudget,       // the evaluation costs more than allowed; nothing absorbs it
};
const char* Name(ErrorCode code);

struct Entry;
class Arena;

class Value {
 public:
  Value() = default;  // null
  static Value Bool(bool value) { return Value(Kind::kBool, value ? 1 : 0); }
  static Value Int(int64_t value) { return Value(Kind::kInt, value); }
  static Value Uint(uint64_t value) { return Value(Kind::kUint, static_cast<int64_t>(value)); }
  static Value Double(double value);
  static Value Text(std::string_view text) {
    return Value(Kind::kString, text.data(), text.size());
  }
  static Value OfBytes(std::string_view bytes) {
    return Value(Kind::kBytes, bytes.data(), bytes.size());
  }
  // Nanoseconds from 0 to 999,999,999; years 1 to 9999.
  static Value Timestamp(int64_t seconds, uint32_t nanos);
  static Value Duration(int64_t nanos) { return Value(Kind::kDuration, nanos); }
  static Value List(std::span<const Value> elements) {
    return Value(Kind::kList, elements.data(), elements.size());
  }
  // Requires: the keys are bools, ints, uints or texts, and differ (FindKey in compare.h).
  static Value Map(std::span<const Entry> entries) {
    return Value(Kind::kMap, entries.data(), entries.size());
  }
  // The name lives as long as the program: a constant.
  static Value Type(std::string_view name) { return Value(Kind::kType, name.data(), name.size()); }
  static Value Some(const Value* value) { return Value(Kind::kOptional, value, 0); }
  static Value None() { return Value(Kind::kOptional, nullptr, 0); }
  static Value OfJson(const base::Value& json);
  static Value OfJson(const base::Fields& object);
  // `detail` is a constant; `is_last` tells of an absent field that all before it was there.
  static Value Error(ErrorCode code, const char* detail, bool is_last = false);

  Kind kind() const { return kind_; }
  bool Is(Kind kind) const { return kind_ == kind; }
  bool is_error() const { return kind_ == Kind::kError; }
  bool IsTrue() const { return kind_ == Kind::kBool && int_ != 0; }
  bool IsFalse() const { return kind_ == Kind::kBool && int_ == 0; }

  // Each requires that kind.
  bool AsBool() const { return int_ != 0; }
  int64_t AsInt() const { return int_; }
  uint64_t AsUint() const { return static_cast<uint64_t>(int_); }
  double AsDouble() const { return double_; }
  std::string_view AsText() const {
    return {static_cast<const char*>(pointer_), size_};
  }  // or bytes
  std::string_view type_name() const { return AsText(); }
  int64_t seconds() const { return int_; }
  uint32_t nanos() const { return size_; }
  int64_t duration_nanos() const { return int_; }
  const Value* optional() const { return static_cast<const Value*>(pointer_); }  // null if none
  ErrorCode code() const { return static_cast<ErrorCode>(form_); }
  const char* detail() const { return static_cast<const char*>(pointer_); }
  bool is_last() const { return flag_; }
  // Of an error: the byte of the source that it comes from.
  uint32_t at() const { return size_ == 0 ? 0 : size_ - 1; }
  Value At(uint32_t offset) const;  // an error with its place, if it has none

  // Of lists and maps; O(1) for lists.
  uint32_t size() const;
  Value Element(uint32_t index) const;
  Value Key(uint32_t index) const;
  Value Held(uint32_t index) const;  // what the map holds under Key(index)

  // Requires a map. The value of a text key; an error of kAbsent if it is not there.
  Value Field(std::string_view name) const;

  // Entries of a map that is not read from JSON; empty if it is.
  std::span<const Entry> entries() const;

 private:
  enum class Form : uint8_t { kPlain, kJson };

  Value(Kind kind, int64_t value) : kind_(kind), int_(value) {}
  Value(Kind kind, const void* pointer, size_t size, Form form = Form::kPlain)
      : kind_(kind),
        form_(static_cast<uint8_t>(form)),
        size_(static_cast<uint32_t>(size)),
        pointer_(pointer) {}
  bool is_json() const { return form_ == static_cast<uint8_t>(Form::kJson); }

  Kind kind_ = Kind::kNull;
  uint8_t form_ = 0;  // the Form, or an error's code
  bool flag_ = false;
  uint32_t size_ = 0;
  union {
    int64_t int_ = 0;
    double double_;
    const void* pointer_;
  };
};
static_assert(sizeof(Value) == 16);

struct Entry {
  Value key;
  Value value;
};

// The type of a value, as type() names it.
std::string_view TypeName(Kind kind);

// The same value, with everything it points to in `arena`, so that it outlives what it came from.
Value DeepCopy(const Value& value, Arena& arena);

}  // namespace batuta::expr

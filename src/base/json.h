// JSON (RFC 8259) to and from Value.
//
// Numbers become doubles: integers beyond 2^53 lose their last digits, as in JavaScript. Refused,
// with the place: nesting deeper than kJsonDepthMax, a name twice in one object, invalid UTF-8,
// lone surrogates, numbers beyond a double, anything after the value. Knows no schema and no
// comments. Thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "base/value.h"
#include "base/value.pb.h"

namespace batuta::base {

// Arrays and objects around a value. Protobuf reads messages up to 100 deep and each object takes
// three of them, so that a value within this limit can be stored, in messages of 16 levels at most.
inline constexpr int kJsonDepthMax = 28;

// InvalidArgument "… at byte N", N counted from 0.
absl::StatusOr<Value> ParseJson(std::string_view text);

// Fields in their order; no spaces. A sealed value is written as an object {"$sealed": …} with its
// parts in hexadecimal. Numbers that JSON lacks (NaN, infinities) are written as null.
std::string ToJson(const Value& value);
std::string ToJson(const Fields& fields);

// Writes JSON piece by piece; commas and colons come by themselves. Text must be valid UTF-8.
//
//   JsonWriter json;
//   json.BeginObject(); json.Key("id"); json.String(id); json.EndObject();
//   return json.Take();
class JsonWriter {
 public:
  void BeginObject();
  void EndObject();
  void BeginArray();
  void EndArray();
  void Key(std::string_view name);
  void String(std::string_view text);
  void Number(double number);  // the shortest text that reads back the same; null if not finite
  void Int(int64_t number);
  void Uint(uint64_t number);
  void Bool(bool value);
  void Null();
  void Raw(std::string_view json);  // a complete JSON value, written as it is
  void Write(const Value& value);
  void Write(const Fields& fields);

  const std::string& text() const { return text_; }
  // Hands out the text and starts again. Requires: every Begin has its End.
  std::string Take();

 private:
  void BeforeValue();

  std::string text_;
  bool needs_comma_ = false;
  int depth_ = 0;
};

namespace internal {
// The careful parser behind ParseJson: slower, but it knows places and takes integers of any
// length.
absl::StatusOr<Value> ParseJsonCarefully(std::string_view text);
}  // namespace internal

}  // namespace batuta::base

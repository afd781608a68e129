#include "base/json.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <vector>

#include "base/status.h"

namespace batuta::base {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr double kExactIntegerMax = 9007199254740992;  // 2^53
// A parser for texts up to this size is kept per thread, so that its buffers are not made each
// time.
constexpr size_t kKeptParserSizeMax = 1 << 20;

bool Convert(const simdjson::dom::element& element, int depth, Value& value);

bool HasDuplicates(std::vector<std::string_view>& names) {
  constexpr size_t kFewNames = 8;
  if (names.size() <= kFewNames) {
    for (size_t i = 1; i < names.size(); ++i) {
      const auto end = names.begin() + static_cast<std::ptrdiff_t>(i);
      if (std::find(names.begin(), end, names[i]) != end) return true;
    }
    return false;
  }
  std::sort(names.begin(), names.end());
  return std::adjacent_find(names.begin(), names.end()) != names.end();
}

bool ConvertObject(const simdjson::dom::object& object, int depth, Fields& fields) {
  std::vector<std::string_view> names;
  for (const simdjson::dom::key_value_pair field : object) {
    names.push_back(field.key);
    Field* added = fields.add_fields();
    added->set_name(field.key.data(), field.key.size());
    if (!Convert(field.value, depth, *added->mutable_value())) return false;
  }
  return !HasDuplicates(names);
}

bool ConvertArray(const simdjson::dom::array& array, int depth, ValueList& list) {
  for (const simdjson::dom::element element : array) {
    if (!Convert(element, depth, *list.add_values())) return false;
  }
  return true;
}

// False for what the careful parser has to name: too deep, or a name twice.
bool Convert(const simdjson::dom::element& element, int depth, Value& value) {
  using simdjson::dom::element_type;
  switch (element.type()) {
    case element_type::ARRAY:
      return depth < kJsonDepthMax &&
             ConvertArray(element.get_array().value_unsafe(), depth + 1, *value.mutable_list());
    case element_type::OBJECT:
      return depth < kJsonDepthMax &&
             ConvertObject(element.get_object().value_unsafe(), depth + 1, *value.mutable_object());
    case element_type::INT64:
    case element_type::UINT64:
    case element_type::DOUBLE:
      value.set_number(element.get_double().value_unsafe());
      return true;
    case element_type::STRING: {
      const std::string_view text = element.get_string().value_unsafe();
      value.set_text(text.data(), text.size());
      return true;
    }
    case element_type::BOOL:
      value.set_boolean(element.get_bool().value_unsafe());
      return true;
    case element_type::NULL_VALUE:
      value.set_null(true);
      return true;
  }
  return false;
}

bool ParseFast(simdjson::dom::parser& parser, std::string_view text, Value& value) {
  simdjson::dom::element root;
  if (parser.parse(text.data(), text.size()).get(root) != simdjson::SUCCESS) return false;
  return Convert(root, 0, value);
}

bool ParseFast(std::string_view text, Value& value) {
  if (text.starts_with(kByteOrderMark)) return false;
  if (text.size() > kKeptParserSizeMax) {
    simdjson::dom::parser parser;
    return ParseFast(parser, text, value);
  }
  thread_local simdjson::dom::parser kept;
  return ParseFast(kept, text, value);
}

void AppendQuoted(std::string_view text, std::string& out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out.push_back('"');
  for (const char c : text) {
    const auto byte = static_cast<uint8_t>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (c == '\n') {
      out.append("\\n");
    } else if (byte < 0x20) {
      out.append("\\u00");
      out.push_back(kHex[byte >> 4]);
      out.push_back(kHex[byte & 15]);
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

template <typename T>
void AppendNumber(T number, std::string& out) {
  std::array<char, 32> buffer{};
  const std::to_chars_result result =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
  BATUTA_CHECK(result.ec == std::errc());
  out.append(buffer.data(), result.ptr);
}

void WriteSealed(const Sealed& sealed, JsonWriter& json) {
  json.BeginObject();
  json.Key("$sealed");
  json.BeginObject();
  json.Key("key");
  json.String(EncodeHex(sealed.key()));
  json.Key("epoch");
  json.Uint(sealed.epoch());
  json.Key("box");
  json.String(EncodeHex(sealed.box()));
  json.Key("equality");
  json.String(EncodeHex(sealed.equality()));
  json.EndObject();
  json.EndObject();
}

}  // namespace

absl::StatusOr<Value> ParseJson(std::string_view text) {
  Value value;
  if (ParseFast(text, value)) return value;
  return internal::ParseJsonCarefully(text);
}

std::string ToJson(const Value& value) {
  JsonWriter json;
  json.Write(value);
  return json.Take();
}

std::string ToJson(const Fields& fields) {
  JsonWriter json;
  json.Write(fields);
  return json.Take();
}

void JsonWriter::BeforeValue() {
  if (needs_comma_) text_.push_back(',');
  needs_comma_ = true;
}

void JsonWriter::BeginObject() {
  BeforeValue();
  text_.push_back('{');
  needs_comma_ = false;
  ++depth_;
}

void JsonWriter::EndObject() {
  BATUTA_CHECK(depth_ > 0);
  text_.push_back('}');
  needs_comma_ = true;
  --depth_;
}

void JsonWriter::BeginArray() {
  BeforeValue();
  text_.push_back('[');
  needs_comma_ = false;
  ++depth_;
}

void JsonWriter::EndArray() {
  BATUTA_CHECK(depth_ > 0);
  text_.push_back(']');
  needs_comma_ = true;
  --depth_;
}

void JsonWriter::Key(std::string_view name) {
  BeforeValue();
  AppendQuoted(name, text_);
  text_.push_back(':');
  needs_comma_ = false;
}

void JsonWriter::String(std::string_view text) {
  BeforeValue();
  AppendQuoted(text, text_);
}

void JsonWriter::Number(double number) {
  if (!std::isfinite(number)) return Null();
  if (number == std::trunc(number) && std::abs(number) <= kExactIntegerMax) {
    return Int(static_cast<int64_t>(number));
  }
  BeforeValue();
  AppendNumber(number, text_);
}

void JsonWriter::Int(int64_t number) {
  BeforeValue();
  AppendNumber(number, text_);
}

void JsonWriter::Uint(uint64_t number) {
  BeforeValue();
  AppendNumber(number, text_);
}

void JsonWriter::Bool(bool value) { Raw(value ? "true" : "false"); }

void JsonWriter::Null() { Raw("null"); }

void JsonWriter::Raw(std::string_view json) {
  BeforeValue();
  text_.append(json);
}

void JsonWriter::Write(const Value& value) {
  switch (value.kind_case()) {
    case Value::kNull:
    case Value::KIND_NOT_SET:
      return Null();
    case Value::kBoolean:
      return Bool(value.boolean());
    case Value::kNumber:
      return Number(value.number());
    case Value::kText:
      return String(value.text());
    case Value::kObject:
      return Write(value.object());
    case Value::kSealed:
      return WriteSealed(value.sealed(), *this);
    case Value::kList:
      BeginArray();
      for (const Value& element : value.list().values()) Write(element);
      return EndArray();
  }
}

void JsonWriter::Write(const Fields& fields) {
  BeginObject();
  for (const Field& field : fields.fields()) {
    Key(field.name());
    Write(field.value());
  }
  EndObject();
}

std::string JsonWriter::Take() {
  BATUTA_CHECK(depth_ == 0);
  needs_comma_ = false;
  return std::exchange(text_, std::string());
}

}  // namespace batuta::base

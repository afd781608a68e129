#include <string>
#include <utility>

#include "base/text.h"
#include "base/value.h"
#include "resource/kind.h"

namespace batuta::resource {
namespace {

constexpr std::string_view kNamePattern = "^[a-z0-9][a-z0-9._-]{0,99}$";
constexpr std::string_view kDurationPattern = "^([0-9]+(ms|[dhms]))+$";

// A JSON object, built member by member.
class Json {
 public:
  Json& Set(std::string_view name, base::Value value) {
    base::SetField(*value_.mutable_object(), name, std::move(value));
    return *this;
  }
  Json& Set(std::string_view name, std::string_view text) {
    return Set(name, base::TextValue(text));
  }
  Json& Set(std::string_view name, const char* text) { return Set(name, base::TextValue(text)); }
  Json& Set(std::string_view name, double number) { return Set(name, base::NumberValue(number)); }
  Json& Set(std::string_view name, bool boolean) { return Set(name, base::BooleanValue(boolean)); }
  base::Value Take() {
    value_.mutable_object();
    return std::move(value_);
  }

 private:
  base::Value value_;
};

base::Value TextList(const std::vector<std::string>& texts) {
  base::Value list;
  list.mutable_list();
  for (const std::string& text : texts) *list.mutable_list()->add_values() = base::TextValue(text);
  return list;
}

base::Value SchemaValue(const Schema& schema);

void DescribeLimits(const Schema& schema, std::string_view low, std::string_view high, Json& json) {
  if (schema.min) json.Set(low, *schema.min);
  if (schema.max) json.Set(high, *schema.max);
}

void DescribeNumber(const Schema& schema, Json& json) {
  json.Set("type", schema.type == Type::kInteger ? "integer" : "number");
  DescribeLimits(schema, "minimum", "maximum", json);
  if (schema.positive) json.Set("exclusiveMinimum", 0.0);
}

void DescribeText(const Schema& schema, Json& json) {
  json.Set("type", "string");
  switch (schema.type) {
    case Type::kName:
      json.Set("pattern", kNamePattern);
      return;
    case Type::kReference:
      // Editors offer the resources of this kind.
      json.Set("pattern", kNamePattern).Set("x-reference", schema.target);
      return;
    case Type::kDuration:
      json.Set("pattern", kDurationPattern);
      return;
    case Type::kTime:
      json.Set("format", "date-time");
      return;
    case Type::kRegex:
      json.Set("format", "regex");
      return;
    case Type::kEnum:
      json.Set("enum", TextList(schema.options));
      return;
    default:
      DescribeLimits(schema, "minLength", "maxLength", json);
      if (!schema.pattern.empty()) json.Set("pattern", schema.pattern);
  }
}

void DescribeObject(const Schema& schema, Json& json) {
  json.Set("type", "object");
  if (schema.open) return;
  Json properties;
  std::vector<std::string> required;
  for (const Member& member : schema.members) {
    properties.Set(member.name, SchemaValue(member.schema));
    if (member.required) required.push_back(member.name);
  }
  json.Set("properties", properties.Take());
  if (!required.empty()) json.Set("required", TextList(required));
  json.Set("additionalProperties", false);
}

void DescribeMoney(const Schema& schema, Json& json) {
  Json amount;
  amount.Set("type", "string").Set("pattern", "^[0-9]+(\\.[0-9]{1,6})?$");
  // More than zero: some digit is not 0.
  if (schema.positive) amount.Set("pattern", "^(?=.*[1-9])[0-9]+(\\.[0-9]{1,6})?$");
  Json currency;
  currency.Set("type", "string").Set("pattern", "^[A-Z]{3}$");
  json.Set("type", "object")
      .Set("properties",
           Json().Set("amount", amount.Take()).Set("currency", currency.Take()).Take())
      .Set("required", TextList({"amount", "currency"}))
      .Set("additionalProperties", false);
}

void DescribeType(const Schema& schema, Json& json) {
  switch (schema.type) {
    case Type::kAny:
      return;
    case Type::kScalar:
      json.Set("type", TextList({"string", "number", "boolean"}));
      return;
    case Type::kBoolean:
      json.Set("type", "boolean");
      return;
    case Type::kNumber:
    case Type::kInteger:
      return DescribeNumber(schema, json);
    case Type::kList:
      json.Set("type", "array").Set("items", SchemaValue(*schema.element));
      DescribeLimits(schema, "minItems", "maxItems", json);
      if (schema.unique) json.Set("uniqueItems", true);
      return;
    case Type::kObject:
      return DescribeObject(schema, json);
    case Type::kMoney:
      return DescribeMoney(schema, json);
    default:
      return DescribeText(schema, json);
  }
}

base::Value SchemaValue(const Schema& schema) {
  Json json;
  if (!schema.description.empty()) json.Set("description", schema.description);
  DescribeType(schema, json);
  if (schema.default_value) json.Set("default", *schema.default_value);
  return json.Take();
}

}  // namespace

base::Value JsonSchema(const Kind& kind) {
  Json name;
  name.Set("type", "string");
  if (kind.singleton)
    name.Set("const", kSingletonName);
  else
    name.Set("pattern", kNamePattern);
  Json properties;
  properties.Set("kind", Json().Set("const", kind.name).Take())
      .Set("name", name.Take())
      .Set("spec", SchemaValue(kind.spec));
  std::vector<std::string> required = {"kind", "spec"};
  if (!kind.singleton) required.insert(required.begin() + 1, "name");
  return Json()
      .Set("$schema", "https://json-schema.org/draft/2020-12/schema")
      .Set("$id", base::StrCat("urn:batuta:kind:", kind.name))
      .Set("title", kind.name)
      .Set("description", kind.description)
      .Set("type", "object")
      .Set("properties", properties.Take())
      .Set("required", TextList(required))
      .Set("additionalProperties", false)
      .Take();
}

}  // namespace batuta::resource

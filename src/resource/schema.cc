#include "resource/schema.h"

#include <re2/re2.h>

#include <utility>

#include "base/status.h"
#include "base/text.h"
#include "base/value.h"

namespace batuta::resource {
namespace {

Schema OfType(Type type) {
  Schema schema;
  schema.type = type;
  return schema;
}

base::Value WithDefaultsInValue(const Schema& schema, const base::Value& value) {
  base::Value result = value;
  if (schema.type == Type::kObject && value.has_object())
    *result.mutable_object() = WithDefaults(schema, value.object());
  if (schema.type == Type::kList && value.has_list())
    for (base::Value& element : *result.mutable_list()->mutable_values())
      element = WithDefaultsInValue(*schema.element, element);
  return result;
}

// What an absent member stands for; null if for nothing.
std::optional<base::Value> DefaultOf(const Schema& schema) {
  if (schema.default_value || schema.type != Type::kObject) return schema.default_value;
  for (const Member& member : schema.members)
    if (member.required) return std::nullopt;
  base::Value object;
  *object.mutable_object() = WithDefaults(schema, {});
  if (object.object().fields().empty()) return std::nullopt;
  return object;
}

}  // namespace

Schema Schema::Describe(std::string_view text) const {
  Schema copy = *this;
  copy.description = text;
  return copy;
}

Schema Schema::Default(base::Value value) const {
  Schema copy = *this;
  copy.default_value = std::move(value);
  return copy;
}

Schema Schema::Default(std::string_view text) const { return Default(base::TextValue(text)); }
Schema Schema::Default(double number) const { return Default(base::NumberValue(number)); }
Schema Schema::Default(bool value) const { return Default(base::BooleanValue(value)); }

Schema Schema::Range(double low, double high) const {
  BATUTA_CHECK(low <= high);
  return AtLeast(low).AtMost(high);
}

Schema Schema::AtLeast(double low) const {
  Schema copy = *this;
  copy.min = low;
  return copy;
}

Schema Schema::AtMost(double high) const {
  Schema copy = *this;
  copy.max = high;
  return copy;
}

Schema Schema::Positive() const {
  Schema copy = *this;
  copy.positive = true;
  return copy;
}

Schema Schema::Unique() const {
  Schema copy = *this;
  copy.unique = true;
  return copy;
}

const Member* Schema::FindMember(std::string_view name) const {
  for (const Member& member : members)
    if (member.name == name) return &member;
  return nullptr;
}

Schema Text() { return OfType(Type::kText); }

Schema Matching(std::string_view pattern, std::string_view hint) {
  Schema schema = OfType(Type::kText);
  schema.pattern = base::StrCat("^(?:", pattern, ")$");
  schema.pattern_hint = hint;
  schema.regex = std::make_shared<const re2::RE2>(base::StrCat("(?:", pattern, ")"));
  BATUTA_CHECK(schema.regex->ok(), schema.pattern);
  return schema;
}

Schema Number() { return OfType(Type::kNumber); }
Schema Integer() { return OfType(Type::kInteger); }
Schema Boolean() { return OfType(Type::kBoolean); }

Schema ListOf(Schema element) {
  Schema schema = OfType(Type::kList);
  schema.element = std::make_shared<const Schema>(std::move(element));
  return schema;
}

Schema Object(std::vector<Member> members) {
  Schema schema = OfType(Type::kObject);
  schema.members = std::move(members);
  return schema;
}

Schema OpenObject() {
  Schema schema = OfType(Type::kObject);
  schema.open = true;
  return schema;
}

Schema MoneyAmount() { return OfType(Type::kMoney); }
Schema Span() { return OfType(Type::kDuration); }
Schema RuleText() { return Text().Range(1, 16'384); }

Schema Moment() { return OfType(Type::kTime); }
Schema Name() { return OfType(Type::kName); }

Schema Reference(std::string_view kind) {
  Schema schema = OfType(Type::kReference);
  schema.target = kind;
  return schema;
}

Schema Enum(std::vector<std::string> options) {
  BATUTA_CHECK(!options.empty());
  Schema schema = OfType(Type::kEnum);
  schema.options = std::move(options);
  return schema;
}

Schema Regex() { return OfType(Type::kRegex); }
Schema Scalar() { return OfType(Type::kScalar); }
Schema Any() { return OfType(Type::kAny); }

Member Required(std::string_view name, Schema schema) {
  return {std::string(name), true, std::move(schema)};
}

Member Optional(std::string_view name, Schema schema) {
  return {std::string(name), false, std::move(schema)};
}

base::Fields WithDefaults(const Schema& schema, const base::Fields& fields) {
  base::Fields result;
  for (const base::Field& field : fields.fields()) {
    base::Field& copy = *result.add_fields();
    copy.set_name(field.name());
    const Member* member = schema.FindMember(field.name());
    *copy.mutable_value() =
        member == nullptr ? field.value() : WithDefaultsInValue(member->schema, field.value());
  }
  for (const Member& member : schema.members) {
    if (base::Find(fields, member.name) != nullptr) continue;
    if (auto value = DefaultOf(member.schema))
      base::SetField(result, member.name, *std::move(value));
  }
  return result;
}

}  // namespace batuta::resource

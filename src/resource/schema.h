// A declaration of what values are right: the language in which each kind describes its spec.
//
// From one declaration come validation (validate.h), the published JSON Schema (json_schema.h), the
// references between resources (check.h) and the defaults. Values, immutable once made, safe to
// share between threads.
//
//     Object({Required("percent", Number().Range(0, 100).Describe("Share of the people, in
//     percent.")),
//             Optional("arm", Enum({"none", "random"}).Default("none"))})
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/value.pb.h"

namespace re2 {
class RE2;
}

namespace batuta::resource {

enum class Type {
  kText,
  kNumber,
  kInteger,
  kBoolean,
  kList,
  kObject,
  kMoney,      // {amount: "120.00", currency: MXN}
  kDuration,   // "7d"
  kTime,       // RFC 3339
  kName,       // [a-z0-9][a-z0-9._-]{0,99}
  kReference,  // the name of another resource
  kEnum,
  kRegex,   // a regular expression of RE2
  kScalar,  // text, number or boolean
  kAny,
};

struct Member;

struct Schema {
  Type type = Type::kAny;
  std::string description;
  std::optional<base::Value> default_value;
  std::optional<double> min;  // of numbers; of a list's or text's length; both inclusive
  std::optional<double> max;
  bool positive = false;             // numbers, durations and money: more than zero
  bool unique = false;               // no two equal elements in a list
  bool open = false;                 // an object that may have any members
  std::vector<std::string> options;  // kEnum
  std::string target;                // kReference: the kind that is referred to
  std::string pattern;               // kText: an anchored regular expression
  std::string pattern_hint;          // what the pattern means: "3 capital letters, such as MXN"
  std::shared_ptr<const re2::RE2> regex;  // of the pattern
  std::shared_ptr<const Schema> element;  // kList
  std::vector<Member> members;            // kObject, in the order of the documentation

  Schema Describe(std::string_view text) const;
  Schema Default(base::Value value) const;
  Schema Default(std::string_view text) const;
  Schema Default(const char* text) const;
  Schema Default(double number) const;
  Schema Default(int number) const;
  Schema Default(bool value) const;
  Schema Range(double low, double high) const;
  Schema AtLeast(double low) const;
  Schema AtMost(double high) const;
  Schema Positive() const;
  Schema Unique() const;

  const Member* FindMember(std::string_view name) const;
};

struct Member {
  std::string name;
  bool required = false;
  Schema schema;
};

// Only here is a schema complete, as its members are.
inline Schema Schema::Default(const char* text) const { return Default(std::string_view(text)); }
inline Schema Schema::Default(int number) const { return Default(static_cast<double>(number)); }

Schema Text();
Schema Matching(std::string_view pattern, std::string_view hint);  // text of that form
Schema Number();
Schema Integer();
Schema Boolean();
Schema ListOf(Schema element);
Schema Object(std::vector<Member> members);
Schema OpenObject();
Schema MoneyAmount();
Schema Span();    // a duration
Schema Moment();  // a time
// A rule of the expression language; what it says is checked by `rule`.
Schema RuleText();
Schema Name();
Schema Reference(std::string_view kind);
Schema Enum(std::vector<std::string> options);
Schema Regex();
Schema Scalar();
Schema Any();

Member Required(std::string_view name, Schema schema);
Member Optional(std::string_view name, Schema schema);

// The fields with every absent member that has a default added, also in objects and lists of
// objects within. An absent object is added if none of its members is required and one has a
// default.
base::Fields WithDefaults(const Schema& schema, const base::Fields& fields);

}  // namespace batuta::resource

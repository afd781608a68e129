#include "expr/check.h"

#include <memory>

#include "expr/parse.h"
#include "gtest/gtest.h"

namespace batuta::expr {
namespace {

using Tag = Type::Tag;

Environment Hub() {
  auto traits = std::make_shared<ObjectSchema>();
  traits->name = "person.traits";
  traits->fields = {
      {"country", Tag::kString, ""},
      {"age", Tag::kDouble, ""},
      {"visits", Tag::kInt, ""},
      {"born", Tag::kTimestamp, ""},
      {"tags", Type::List(Tag::kString), ""},
      {"email", Tag::kString, "`email` is sealed; `has_email` tells if there is one"}};
  auto person = std::make_shared<ObjectSchema>();
  person->name = "person";
  person->is_open = false;
  person->fields = {{"traits", Type::Object(traits), ""},
                    {"segments", Type::List(Tag::kString), ""}};
  Environment environment;
  environment.Declare("person", Type::Object(person));
  environment.Declare("event");
  environment.Declare("now", Tag::kTimestamp);
  return environment;
}

std::string Problem(std::string_view source) {
  static const Environment environment = Hub();
  const Parsed parsed = Parse(source);
  if (parsed.expr == nullptr) return "does not parse: " + Describe(parsed.diagnostics, source);
  return Describe(Check(*parsed.expr, environment).diagnostics, source);
}

std::string TypeOf(std::string_view source) {
  static const Environment environment = Hub();
  return Check(*Parse(source).expr, environment).type.Name();
}

TEST(Check, KnowsTypes) {
  EXPECT_EQ(TypeOf("person.traits.country"), "string");
  EXPECT_EQ(TypeOf("person.traits.unknown"), "dyn");
  EXPECT_EQ(TypeOf("person.traits.tags.map(t, size(t))"), "list(int)");
  EXPECT_EQ(TypeOf("person.traits.tags.filter(t, t != '')"), "list(string)");
  EXPECT_EQ(TypeOf("{'a': 1, 'b': 2}"), "map(string, int)");
  EXPECT_EQ(TypeOf("[1, 'a']"), "list(dyn)");
  EXPECT_EQ(TypeOf("now - person.traits.born"), "duration");
  EXPECT_EQ(TypeOf("person.?traits.country"), "optional(string)");
  EXPECT_EQ(TypeOf("person.traits.?age.orValue(0.0)"), "double");
  EXPECT_EQ(TypeOf("event.price + 1.0"), "double");
  EXPECT_EQ(TypeOf("cel.bind(x, person.traits.visits, x * 2)"), "int");
  EXPECT_EQ(TypeOf("optional.of(1).optMap(x, string(x))"), "optional(string)");
}

TEST(Check, RefusesUnknownNamesAndSuggestsNearOnes) {
  EXPECT_EQ(Problem("persn.traits.age > 1.0"),
            "1:1: there is no variable `persn`; did you mean `person`?");
  EXPECT_EQ(Problem("person.trait.age > 1.0"),
            "1:8: `person` has no field `trait`; did you mean `traits`?");
  EXPECT_EQ(Problem("person.traits.country.startWith('M')"),
            "1:23: there is no function `startWith`; did you mean `startsWith`?");
}

TEST(Check, RefusesOperatorsThatDoNotGoWithTheirOperands) {
  EXPECT_EQ(Problem("person.traits.country > 3"), "1:23: `>` is not for string and int");
  EXPECT_EQ(Problem("person.traits.country == 3"), "1:23: `==` is not for string and int");
  EXPECT_EQ(Problem("person.traits.age + 1"),
            "1:19: `+` is not for double and int; did you mean `double(…)`?");
  EXPECT_EQ(Problem("person.traits.country && true"),
            "1:1: `&&` joins conditions; this is of type string");
  EXPECT_EQ(Problem("!person.traits.age"), "1:1: `!` is not for a value of type double");
  EXPECT_EQ(Problem("person.traits.age ? 1 : 2"),
            "1:1: before ? stands a condition; this is of type double");
  EXPECT_EQ(Problem("1 in person.segments"), "1:3: `in` is not for int and list(string)");
  EXPECT_EQ(Problem("person.traits.age.startsWith('a')"),
            "1:19: `startsWith` does not take (double, string)");
  EXPECT_EQ(Problem("person.traits.age.x == 1"), "1:19: a value of type double has no field `x`");
  EXPECT_EQ(Problem("person.traits.age.all(x, true)"),
            "1:19: `all` is not for a value of type double");
  EXPECT_EQ(Problem("person.segments.all(x, x)"),
            "1:24: a condition should stand here; this is of type string");
}

TEST(Check, LetsNumbersOfDifferentTypesBeCompared) {
  EXPECT_EQ(Problem("person.traits.age >= 18"), "");
  EXPECT_EQ(Problem("person.traits.visits == 3.0"), "");
  EXPECT_EQ(Problem("3 in [1.0, 2.0]"), "");
}

TEST(Check, LetsAnythingBeComparedWithNull) {
  EXPECT_EQ(Problem("person.traits.age == null || person.traits.tags != null"), "");
}

TEST(Check, RefusesFieldsThatMustNotBeRead) {
  EXPECT_EQ(Problem("person.traits.email == 'a@b.mx'"),
            "1:15: `email` is sealed; `has_email` tells if there is one");
  EXPECT_EQ(Problem("person.traits['email'] == 'a@b.mx'"),
            "1:15: `email` is sealed; `has_email` tells if there is one");
  EXPECT_EQ(Problem("has(person.traits.email)"),
            "1:19: `email` is sealed; `has_email` tells if there is one");
  EXPECT_NE(Problem("person.traits[event.name] == 'a'"), "");
}

TEST(Check, RefusesPatternsThatCannotBeRead) {
  EXPECT_EQ(Problem("person.traits.country.matches('(M')"),
            "1:31: not a regular expression: missing ): (M");
}

TEST(Check, TellsAllMistakesInTheOrderOfTheirPlaces) {
  EXPECT_EQ(Problem("(x == 1 && y == 2) || 'a' > 1"),
            "1:2: there is no variable `x`\n1:12: there is no variable `y`\n"
            "1:27: `>` is not for string and int");
}

}  // namespace
}  // namespace batuta::expr

#include "expr/parse.h"

#include "base/text.h"
#include "expr/print.h"
#include "gtest/gtest.h"

namespace batuta::expr {
namespace {

std::string Problem(std::string_view source) {
  const Parsed parsed = Parse(source);
  return parsed.expr != nullptr ? "" : Describe(parsed.diagnostics, source);
}

std::string Printed(std::string_view source) {
  const Parsed parsed = Parse(source);
  return parsed.expr == nullptr ? Describe(parsed.diagnostics, source) : Print(*parsed.expr);
}

TEST(Parse, TellsWhereAMistakeIs) {
  EXPECT_EQ(Problem("a ==\n  * 2"), "2:3: `*` where a value should stand");
  EXPECT_EQ(Problem("(a"), "1:3: the expression ends where `)` should stand");
  EXPECT_EQ(Problem("'ñ' + )"), "1:7: `)` where a value should stand");
  EXPECT_EQ(Problem("'open"), "1:1: this text does not end");
  EXPECT_EQ(Problem("99999999999999999999"), "1:1: this number is beyond 64 bits");
  EXPECT_EQ(Problem("'\\q'"), "1:2: this escape is unknown");
}

TEST(Parse, SuggestsWhatWasPerhapsMeant) {
  EXPECT_EQ(Problem("a = 1"), "1:3: = does not compare; did you mean `==`?");
  EXPECT_EQ(Problem("a and b"),
            "1:3: `and` where the end or an operator should stand; did you mean `&&`?");
  EXPECT_EQ(Problem("a OR b"),
            "1:3: `OR` where the end or an operator should stand; did you mean `||`?");
  EXPECT_EQ(Problem("not a"), "1:1: `not` is written `!`; did you mean `!`?");
  EXPECT_EQ(Problem("a & b"), "1:3: a single & has no meaning; did you mean `&&`?");
}

TEST(Parse, RefusesReservedWordsAsNamesButNotAsFields) {
  EXPECT_EQ(Problem("while == 1"), "1:1: `while` is reserved and cannot be a name");
  EXPECT_EQ(Problem("a.while == 1"), "");
  EXPECT_NE(Problem("a.in"), "");
}

TEST(Parse, WantsNamesAsTheVariablesOfMacros) {
  EXPECT_EQ(Problem("l.all(a.b, true)"),
            "1:7: argument 1 of all() must be a simple name: it is the variable");
  EXPECT_EQ(Problem("l.all(v, v, true)"), "1:10: the two variables must have different names");
  EXPECT_EQ(Problem("has(a)"), "1:5: has() wants a field: has(a.b)");
}

TEST(Parse, RefusesWhatIsTooDeepOrTooLong) {
  EXPECT_NE(Problem(std::string(1000, '(') + "1" + std::string(1000, ')')).find("too deeply"),
            std::string::npos);
  EXPECT_NE(Problem(std::string(100000, '[')).find("long"), std::string::npos);
  std::string sum = "1";
  for (int i = 0; i < 1000; ++i) sum += "+1";
  EXPECT_NE(Problem(sum).find("too deeply"), std::string::npos);
  EXPECT_NE(Problem(std::string(1000, '!') + "a").find("too deeply"), std::string::npos);
}

TEST(Parse, TakesALongChainOfConditions) {
  std::string chain = "x == 0";
  for (int i = 1; i < 1000; ++i) chain += base::StrCat(" || x == ", i);
  const Parsed parsed = Parse(chain);
  ASSERT_NE(parsed.expr, nullptr);
  EXPECT_EQ(parsed.expr->children.size(), 1000u);
}

TEST(Parse, RefusesTextThatIsNotUtf8) { EXPECT_EQ(Problem("'a\xff'"), "1:3: not valid UTF-8"); }

TEST(Print, GivesOneFormForAllWaysOfWriting) {
  EXPECT_EQ(Printed("( (a) ) +b *( c )"), "a + b * c");
  EXPECT_EQ(Printed("(a+b)*c"), "(a + b) * c");
  EXPECT_EQ(Printed("a - (b - c)"), "a - (b - c)");
  EXPECT_EQ(Printed("a&&b&&(c||d)"), "a && b && (c || d)");
  EXPECT_EQ(Printed("(a && b) && c"), "(a && b) && c");
  EXPECT_EQ(Printed("x.exists( e,e=='a' )"), "x.exists(e, e == \"a\")");
  EXPECT_EQ(Printed("cel.bind(x, 1, x+x)"), "cel.bind(x, 1, x + x)");
  EXPECT_EQ(Printed("has(a.b) ? 1.0 : -2"), "has(a.b) ? 1.0 : -2");
  EXPECT_EQ(Printed("a.?b[?0].`c d`"), "a.?b[?0].`c d`");
  EXPECT_EQ(Printed("{'a':1, ?\"b\":c}"), "{\"a\": 1, ?\"b\": c}");
  EXPECT_EQ(Printed("--a + -(1) - -1"), "--a + -(1) - -1");
  EXPECT_EQ(Printed("--0.f - -(1.f)"), "-(0.f) - -(1.f)");
  EXPECT_EQ(Printed("b'\\xff' + r'\\d'"), "b\"\\xff\" + \"\\\\d\"");
  EXPECT_EQ(Printed("(a ? b : c) ? d : e ? f : g"), "(a ? b : c) ? d : e ? f : g");
}

}  // namespace
}  // namespace batuta::expr

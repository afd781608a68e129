#include <gtest/gtest.h>

#include <array>
#include <string>

#include "base/random.h"
#include "base/text.h"
#include "expr/parse.h"
#include "rule/checks.h"
#include "rule/rule_testing.h"

namespace batuta::rule {
namespace {

Possible Of(std::string_view text) {
  expr::Parsed parsed = expr::Parse(text);
  EXPECT_NE(parsed.expr, nullptr) << text;
  return PossibleOutcomes(*parsed.expr, Vocabulary().EnvironmentOf(Site::kDecision));
}

TEST(Possible, FindsContradictions) {
  for (const char* text :
       {"person.traits.a == 1 && person.traits.a == 2",
        "person.traits.a > 5 && person.traits.a < 5", "person.traits.a > 5 && person.traits.a <= 5",
        "person.traits.a in ['x', 'y'] && person.traits.a == 'z'",
        "person.traits.a in ['x'] && person.traits.a != 'x'",
        "!has(person.traits.a) && person.traits.a == 1",
        "person.traits.a == 'x' && person.traits.a > 3", "person.traits.a && !person.traits.a",
        "false", "person.traits.a == 1 && false", "!(person.traits.a == 1 || person.traits.a != 1)",
        "(person.traits.a == 1 || person.traits.a == 2) && person.traits.a == 3",
        "size(person.traits.a) > 2 && !(size(person.traits.a) > 2)",
        "person.traits.a >= 3 && person.traits.a <= 3 && person.traits.a != 3"}) {
    EXPECT_FALSE(Of(text).is_true) << text;
  }
}

TEST(Possible, FindsWhatIsAlwaysTrue) {
  for (const char* text : {"true", "person.traits.a < 5 || person.traits.a >= 5",
                           "person.traits.a == 'x' || person.traits.a != 'x'",
                           "has(person.traits.a) || !has(person.traits.a)",
                           "!(person.traits.a in [1, 2] && person.traits.a == 3)"}) {
    EXPECT_FALSE(Of(text).is_false) << text;
    EXPECT_TRUE(Of(text).is_true) << text;
  }
}

TEST(Possible, TakesWhatItDoesNotUnderstandForPossible) {
  for (const char* text :
       {"person.traits.a == 1 && person.traits.b == 2", "person.traits.a > person.traits.a",
        "person.traits.a == 9007199254740993 && person.traits.a == 9007199254740992",
        "person.traits.a == 1 ? person.traits.a == 2 : true",
        "person.traits.a != 1 && person.traits.a != 2", "person.traits.a == null"}) {
    EXPECT_TRUE(Of(text).is_true) << text;
  }
}

// A random rule over three traits and a few constants, so that contradictions are frequent.
class Writer {
 public:
  explicit Writer(base::Random& random) : random_(random) {}

  std::string Rule(int depth) {
    if (depth == 0) return Leaf();
    switch (random_.Below(4)) {
      case 0:
        return base::StrCat("(", Rule(depth - 1), " && ", Rule(depth - 1), ")");
      case 1:
        return base::StrCat("(", Rule(depth - 1), " || ", Rule(depth - 1), ")");
      case 2:
        return base::StrCat("!(", Rule(depth - 1), ")");
      default:
        return base::StrCat("(", Rule(depth - 1), " && ", Rule(depth - 1), " && ", Leaf(), ")");
    }
  }

 private:
  template <size_t n>
  std::string One(const std::array<const char*, n>& choices) {
    return choices[random_.Below(n)];
  }
  std::string Trait() { return base::StrCat("person.traits.", One<3>({"a", "b", "c"})); }
  std::string Constant() { return One<8>({"1", "2", "2.5", "3", "'x'", "'y'", "true", "false"}); }
  std::string Leaf() {
    switch (random_.Below(9)) {
      case 0:
        return Trait();
      case 1:
        return base::StrCat("has(", Trait(), ")");
      case 2:
        return base::StrCat(Trait(), " in [", Constant(), ", ", Constant(), "]");
      case 3:
        return base::StrCat(Trait(), " == ", Trait());
      case 4:
        return base::StrCat("(", Trait(), " == 1 ? ", Trait(), " == 2 : ", Trait(), " < 3)");
      default:
        return base::StrCat(Trait(), One<6>({" == ", " != ", " < ", " <= ", " > ", " >= "}),
                            Constant());
    }
  }

  base::Random& random_;
};

std::string RandomPerson(base::Random& random) {
  static constexpr std::array<const char*, 12> kValues = {
      "0", "1", "2", "2.25", "2.5", "3", "4", "\"x\"", "\"z\"", "true", "false", "[1]"};
  std::string traits;
  for (const char* name : {"a", "b", "c"}) {
    const uint64_t choice = random.Below(kValues.size() + 2);
    if (choice >= kValues.size()) continue;
    base::StrAppend(&traits, traits.empty() ? "" : ", ", "\"", name, "\": ", kValues[choice]);
  }
  return base::StrCat("{\"person\": {\"traits\": {", traits, "}}}");
}

TEST(Possible, NeverCallsImpossibleWhatSomebodyFits) {
  int never = 0;
  int always = 0;
  for (uint64_t seed = 0; seed < 600; ++seed) {
    base::Random random(seed, base::Id128{1, seed}, "possible", "");
    const std::string text = Writer(random).Rule(static_cast<int>(1 + random.Below(3)));
    AskedRule rule(text, {}, Vocabulary());
    ASSERT_NE(rule.compiled().rule, nullptr) << text << rule.Notes(text);
    const Possible possible =
        PossibleOutcomes(rule.compiled().rule->tree(), Vocabulary().EnvironmentOf(Site::kDecision));
    never += possible.is_true ? 0 : 1;
    always += possible.is_false ? 0 : 1;
    for (int i = 0; i < 60; ++i) {
      const std::string person = RandomPerson(random);
      const Outcome outcome = rule.Ask(person);
      EXPECT_TRUE(possible.is_true || outcome != OUTCOME_TRUE) << text << person;
      EXPECT_TRUE(possible.is_false || outcome != OUTCOME_FALSE) << text << person;
    }
  }
  // The generator meets both often enough for the test to mean something.
  EXPECT_GT(never, 20);
  EXPECT_GT(always, 5);
}

}  // namespace
}  // namespace batuta::rule

#include "rule/compile.h"

#include <gtest/gtest.h>

#include <string>

#include "base/text.h"
#include "rule/rule_testing.h"

namespace batuta::rule {
namespace {

std::string NotesOf(std::string_view text, CompileOptions options = {}) {
  const AskedRule rule(text, options);
  EXPECT_EQ(rule.compiled().rule == nullptr, HasError(rule.compiled().notes)) << text;
  return rule.Notes(text);
}

bool Says(const std::string& notes, std::string_view what) {
  return notes.find(what) != std::string::npos;
}

TEST(Compile, TellsEveryMistakeWithItsPlaceAndWhatWasPerhapsMeant) {
  const std::string notes =
      NotesOf("person.trait.plan == 'gold' &&\n  persn.traits.plan == 'x' && 1 + 'a' == 2");
  EXPECT_TRUE(Says(notes, "1:8: error: `person` has no field `trait`; did you mean `traits`?"))
      << notes;
  EXPECT_TRUE(Says(notes, "2:3: error: there is no variable `persn`; did you mean `person`?"))
      << notes;
  EXPECT_TRUE(Says(notes, "2:33: error:")) << notes;
}

TEST(Compile, HoldsTypesAgainstTheDeclaredOnes) {
  EXPECT_TRUE(Says(NotesOf("person.traits.tenure_months > 'six'"), "1:29: error"));
  EXPECT_TRUE(Says(NotesOf("person.traits.plan > 3"), "error"));
  EXPECT_EQ(NotesOf("person.traits.tenure_months >= 6 && person.traits.anything == 'else'"), "");
  EXPECT_TRUE(Says(NotesOf("person.traits.plan"), "a rule is true or false; this is a string"));
  EXPECT_EQ(NotesOf("person.traits.has_card"), "");
}

TEST(Compile, WarnsOfTraitsThatAreNearlyDeclaredOnes) {
  EXPECT_EQ(NotesOf("person.traits.plam == 'gold'"),
            "1:15: warning: no trait `plam` is declared; did you mean `plan`?\n");
  EXPECT_EQ(NotesOf("person.traits.shoe_size == 42"), "");
}

TEST(Compile, SealedFieldsMayOnlyBeAskedIfTheyAreThere) {
  for (const char* text :
       {"person.traits.email == 'a@b.c'", "person.traits['E-Mail'] == 'x'",
        "person.traits.nickname == 'Bo'", "person.traits.address.city == 'Puebla'"}) {
    EXPECT_TRUE(Says(NotesOf(text), "personal and kept sealed")) << text;
  }
  EXPECT_TRUE(Says(NotesOf("person.traits.email == 'x'"), "email_domain"));
  EXPECT_EQ(NotesOf("has(person.traits.email)"), "");
  EXPECT_TRUE(Says(NotesOf("event.properties.phone == '1'", {.site = Site::kOutcome}), "sealed"));
}

TEST(Compile, FieldsOfAPurposeAreReadByRulesOfThatPurposeOnly) {
  EXPECT_EQ(NotesOf("person.traits.health.score > 3", {.purpose = "care"}), "");
  EXPECT_TRUE(Says(NotesOf("person.traits.health.score > 3", {.purpose = "marketing"}),
                   "1:22: error: `person.traits.health.score` is kept for the purpose care; this "
                   "rule is for marketing"));
  EXPECT_TRUE(Says(NotesOf("has(person.traits.health)"), "this rule has no purpose"));
}

TEST(Compile, WhatIsReadIsNamedInFull) {
  for (const char* text :
       {"person == 1", "person.traits.size() > 3", "person.traits.all(k, k != 'x')",
        "person.consents.offers == 'granted'", "person.preferences.topic == 'x'", "context == 'x'",
        "cel.bind(t, person.traits, t.email == 'x')"}) {
    EXPECT_TRUE(Says(NotesOf(text), "name ")) << text << NotesOf(text);
  }
  EXPECT_TRUE(Says(NotesOf("person.preferences.topics.shoes == true"), "did you mean `topic`?"));
}

TEST(Compile, EachSiteHasItsOwnVariables) {
  EXPECT_EQ(NotesOf("context.page == 'cart'"), "");
  EXPECT_TRUE(Says(NotesOf("event.name == 'x'"), "there is no variable `event`"));
  EXPECT_EQ(NotesOf("event.name == 'x' && event.properties.total > 5", {.site = Site::kOutcome}),
            "");
  EXPECT_EQ(NotesOf("statement.source != 'web'", {.site = Site::kStatement}), "");
  EXPECT_TRUE(Says(NotesOf("person.traits.a == 1", {.site = Site::kStatement}), "no variable"));
  EXPECT_TRUE(Says(NotesOf("'vip' in person.segments"), "there is no segment"));
  EXPECT_TRUE(Says(NotesOf("segment.vip"), "word of the language"));
}

TEST(Compile, WarnsOfRulesThatNobodyOrEverybodyFits) {
  EXPECT_TRUE(Says(NotesOf("person.traits.plan == 'gold' && person.traits.plan == 'blue'"),
                   "warning: nobody can fit this"));
  EXPECT_TRUE(Says(NotesOf("person.traits.tenure_months < 6 || person.traits.tenure_months >= 6"),
                   "warning: everybody"));
}

TEST(Compile, RefusesWhatCostsTooMuch) {
  EXPECT_TRUE(
      Says(NotesOf("context.a.all(x, context.b.all(y, context.c.all(z, x != z)))"), "may cost"));
  EXPECT_EQ(NotesOf("context.a.exists(x, context.b.exists(y, x == y))"), "");
}

TEST(Compile, RefusesBadTextsWithAPlace) {
  EXPECT_TRUE(Says(NotesOf(""), "1:1: error"));
  EXPECT_TRUE(Says(NotesOf("person.traits.\xff == 1"), "1:15: error: not valid UTF-8"));
  EXPECT_TRUE(Says(NotesOf(base::StrCat(std::string(400, '('), "true", std::string(400, ')'))),
                   "too deeply"));
  EXPECT_TRUE(Says(NotesOf(std::string(kRuleBytesMax + 1, ' ')), "at most"));
  EXPECT_TRUE(Says(NotesOf("person.traits.x.matches('(((a*)*)*')"), "error"));
  // A pattern that would take other engines an age.
  AskedRule bomb("person.traits.x.matches('^(a+)+$')");
  EXPECT_EQ(bomb.Ask(base::StrCat(R"({"person": {"traits": {"x": ")", std::string(5000, 'a'),
                                  R"(!"}}})")),
            OUTCOME_FALSE);
}

TEST(Compile, LiveRulesUseTheTimeAsTimersCanKeepIt) {
  const CompileOptions live{.site = Site::kSegment};
  for (const char* text :
       {"now - person.traits.joined > duration('720h')", "person.traits.joined < now",
        "person.traits.joined - now < duration('24h')", "now.getDayOfWeek('UTC') == 1",
        "person.traits.joined > now - duration('24h') && person.traits.plan == 'gold'"}) {
    EXPECT_EQ(NotesOf(text, live), "") << text;
  }
  for (const char* text : {"now == person.traits.joined", "int(now) % 2 == 0", "string(now) == ''",
                           "now.getMinutes() < 30", "now - now < duration('1s')"}) {
    EXPECT_TRUE(Says(NotesOf(text, live), "a timer cannot tell")) << text;
    EXPECT_FALSE(Says(NotesOf(text), "a timer cannot tell")) << text;
  }
}

TEST(Compile, KnowsWhatItReads) {
  const AskedRule rule("person.traits.plan == 'a' || has(person.traits.b) || context.x == 1");
  EXPECT_EQ(rule.compiled().rule->reads(),
            (std::vector<std::string>{"context.x", "person.traits.b", "person.traits.plan"}));
}

TEST(Compile, AbsentFieldsMakeARuleUnknown) {
  AskedRule rule("person.traits.plan == 'gold' && person.traits.tenure_months >= 6");
  EXPECT_EQ(rule.Ask(R"({"person": {"traits": {"plan": "gold", "tenure_months": 6}}})"),
            OUTCOME_TRUE);
  EXPECT_EQ(rule.Ask(R"({"person": {"traits": {"plan": "gold"}}})"), OUTCOME_UNKNOWN);
  EXPECT_EQ(rule.Ask(R"({"person": {"traits": {"plan": "blue"}}})"), OUTCOME_FALSE);
}

}  // namespace
}  // namespace batuta::rule

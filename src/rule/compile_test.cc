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

TEST(Compile, OffersTheFactThatIsDerivedOfASealedField) {
  EXPECT_EQ(
      NotesOf("person.traits.email == 'a@b.mx'"),
      "1:15: error: `person.traits.email` is personal and kept sealed, so rules cannot compare "
      "it; what may be asked is whether it is there: `has(person.traits.email)`. "
      "`person.traits.email_domain` is derived of it and kept clear; did you mean "
      "`email_domain`?\n");
  EXPECT_TRUE(Says(NotesOf("person.traits.birthDate > '1990'"),
                   "`age_band(person.traits.birth_year)` and `age(person.traits.birth_year)`; did "
                   "you mean `birth_year`?"));
  EXPECT_TRUE(Says(NotesOf("anniversary(person.traits.birthday) < 3"), "`birth_year`"));
  EXPECT_TRUE(Says(NotesOf("person.traits.address.country == 'MX'"),
                   "`person.traits.country` is derived of it and kept clear"));
  EXPECT_TRUE(Says(NotesOf("person.traits.address == 'MX'"), "`person.traits.country` is derived"));
  EXPECT_TRUE(Says(NotesOf("person.traits.address.zip == '72000'"),
                   "`person.traits.postal_code` would be kept in clear if the classification had "
                   "postal_code in `derived`"));
  EXPECT_TRUE(Says(NotesOf("person.traits.phone == '1'"), "phone_country in `derived`"));
  EXPECT_TRUE(Says(NotesOf("person.traits.boss.email == 'x'"),
                   "Facts that sources state in clear can be read"));
  EXPECT_TRUE(Says(NotesOf("person.traits.first_name == 'Ana'"),
                   "Facts that sources state in clear can be read"));
  EXPECT_TRUE(Says(NotesOf("event.properties.email == 'x'", {.site = Site::kOutcome}),
                   "`event.properties.email_domain` is derived of it and kept clear"));
}

TEST(Compile, DerivedFactsHaveTypes) {
  EXPECT_EQ(
      NotesOf("person.traits.email_domain.endsWith('.mx') && person.traits.birth_year > 1990"), "");
  EXPECT_TRUE(Says(NotesOf("person.traits.email_domain > 3"), "error"));
  EXPECT_TRUE(Says(NotesOf("person.traits.birth_year == 'x'"), "error"));
  EXPECT_TRUE(Says(NotesOf("person.traits.email_domian == 'x'"),
                   "warning: no trait `email_domian` is declared; did you mean `email_domain`?"));
  const Vocabulary words = VocabularyOf(
      "{kind: trait, name: country, spec: {type: list, survivorship: list}}\n---\n"
      "{kind: classification, name: default, spec: {derived: [country]}}");
  const AskedRule declared("'MX' in person.traits.country && person.traits.email_domain > 3", {},
                           words);
  EXPECT_EQ(declared.Notes(""), "");
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

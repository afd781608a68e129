#include "feature/recognise.h"

#include "base/random.h"
#include "expr/check.h"
#include "expr/parse.h"
#include "expr/print.h"
#include "feature/sample_features.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace batuta::feature {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string CanonicalOf(std::string_view text) {
  const ParsedSpec parsed = ParseSpec(text);
  return parsed.spec ? Print(*parsed.spec) : expr::Describe(parsed.diagnostics, text);
}

std::string ErrorOf(std::string_view text, const RecogniseOptions& options = {}) {
  expr::Parsed parsed = expr::Parse(text);
  if (parsed.expr == nullptr) return expr::Describe(parsed.diagnostics, text);
  return expr::Describe(Recognise(parsed.expr, options).diagnostics, text);
}

TEST(Recognise, PutsAVariableInThePlaceOfAnAggregate) {
  expr::Parsed parsed = expr::Parse(
      R"(events("Order Completed").within("90d").count() >= 3 && person.traits.country == "MX")");
  const Recognition recognition = Recognise(parsed.expr);
  ASSERT_EQ(recognition.found.size(), 1u);
  const std::string id = IdOf(recognition.found[0].spec);
  EXPECT_EQ(expr::Print(*parsed.expr),
            "feature." + id + R"( >= 3 && person.traits.country == "MX")");
  EXPECT_EQ(recognition.found[0].span.begin, 0u);
  EXPECT_EQ(recognition.found[0].span.end, 47u);
}

TEST(Recognise, WhatIsDoneWithAValueStays) {
  expr::Parsed parsed = expr::Parse(
      R"(events("A").last(e, e.name).startsWith("x") || days_since(person.traits.since) > 3)");
  const Recognition recognition = Recognise(parsed.expr);
  ASSERT_EQ(recognition.found.size(), 2u);
  EXPECT_EQ(expr::Print(*parsed.expr), "feature." + IdOf(recognition.found[0].spec) +
                                           ".startsWith(\"x\") || feature." +
                                           IdOf(recognition.found[1].spec) + " > 3");
  EXPECT_EQ(Print(recognition.found[1].spec), "days_since(person.traits.since)");
}

TEST(Recognise, TheResultIsCheckedLikeAnyExpression) {
  expr::Parsed parsed = expr::Parse(R"(events("A").count() > "many")");
  Recognition recognition = Recognise(parsed.expr);
  expr::Environment environment;
  std::vector<NamedType> types;
  for (const Found& found : recognition.found) {
    types.push_back({IdOf(found.spec), TypeOf(found.spec).type});
  }
  environment.Declare("feature", FeatureVariable(types));
  EXPECT_EQ(expr::Check(*parsed.expr, environment).diagnostics.size(), 1u);
}

// Each row means one thing, in several words.
TEST(Recognise, EqualMeaningsHaveOneText) {
  const std::vector<std::vector<std::string>> rows = {
      {R"(events("A").within("90d").count())", R"(events('A') . within("2160h").count())",
       R"(events("A", "A").within("89d24h").count())"},
      {R"(events("A", "B").where(e, e.properties.x > 5.0 && e.source == "s").count())",
       R"(events("B", "A").where(event1, "s" == event1.source && 5 < event1.properties.x).count())",
       R"(events("B", "A").where(a, 5u < a.properties.x).where(b, b.source == "s").count())"},
      {R"(events("A").where(e, e.properties.p.exists(p, p.x == 1.0)).count())",
       R"(events("A").where(p, p.properties.p.exists(e, 1 == e.x)).count())"},
      {R"(events("A").where(e, e.properties.c in ["x", "y"]).sum(e, e.properties.a * 2.0))",
       R"(events("A").where(e, e.properties.c in ["y", "x", "y"]).sum(q, 2.0 * q.properties.a))"},
      {R"(events("A").where(e, !(e.properties.a == e.properties.b)).count())",
       R"(events("A").where(e, e.properties.b != e.properties.a).count())"},
      {R"(events("A").today().count())", R"(events("A").lastDays(1).count())"},
      {R"(events("A").within("7d").rate())", R"(events("A").within("7d").rate("24h"))"},
      {R"(events("A").each(e.properties.products).where(p, p.price > 5.0).sum(p, p.price))",
       R"(events("A").each(o.properties.products).where(e, p, p.price > 5).sum(line, line.price))"},
      {R"(sequence("2h", step(s1, "A"), step(s2, "B", s2.properties.sku == s1.properties.sku)).count())",
       R"(sequence("120m", step(a, ["A"]), step(b, "B", a.properties.sku == b.properties.sku)).count())"},
      {R"(events("A").where(e, e.source == "s").not_followed_by("B", "1h", e, n, n.source == e.source).count())",
       R"(events("A").not_followed_by("B", "60m", a, b, a.source == b.source).where(a, a.source == "s").count())"},
  };
  for (const std::vector<std::string>& row : rows) {
    for (const std::string& text : row) EXPECT_EQ(CanonicalOf(text), CanonicalOf(row[0])) << text;
  }
}

TEST(Recognise, DifferentMeaningsHaveDifferentTexts) {
  EXPECT_NE(
      CanonicalOf(R"(events("A").where(e, e.properties.a + e.properties.b == "xy").count())"),
      CanonicalOf(R"(events("A").where(e, e.properties.b + e.properties.a == "xy").count())"));
  EXPECT_NE(CanonicalOf(R"(events("A").count())"), CanonicalOf(R"(events().count())"));
  EXPECT_NE(CanonicalOf(R"(events("A").within("1d").count())"),
            CanonicalOf(R"(events("A").today().count())"));
}

TEST(Recognise, TextsParseBackToEqualSpecs) {
  const char* const texts[] = {
      R"(events().within("90d").once_per("15m").preferred_hour())",
      R"(events("A", "B\"C").thisMonth().where(e, has(e.properties.x)).top(e, e.name))",
      R"(events("A").within("365d").drift("30d", e, e.context.device.type))",
      R"(events("A").approx_decay("30d", e, e.properties.value))",
      R"(events("A").each(e.properties.products).where(e, p, p.price > 5.0 && e.source == "x").distinct(e, p, p.sku + e.source))",
      R"(sequence("1d", step(s1, [], s1.source == "x" || s1.source == "y"), step(s2, ["A", "B"], (s2.properties.k > 1.0 || s2.source == "q") && s2.properties.sku == s1.properties.sku), step(s3, "C", s3.source == s2.source)).within("30d").not_followed_by("D", "1h", n, n.source == s3.source).last())",
      R"(days_until(person.traits.contract.end))",
      R"(anniversary(person.traits.birthday))",
      R"(age(person.traits.birth_year))",
      R"(age_band(person.traits.birth_year))"};
  for (const char* text : texts) {
    const ParsedSpec parsed = ParseSpec(text);
    ASSERT_TRUE(parsed.spec.has_value()) << expr::Describe(parsed.diagnostics, text);
    const ParsedSpec again = ParseSpec(Print(*parsed.spec));
    ASSERT_TRUE(again.spec.has_value()) << Print(*parsed.spec) << "\n"
                                        << expr::Describe(again.diagnostics, Print(*parsed.spec));
    EXPECT_EQ(*again.spec, *parsed.spec);
    EXPECT_EQ(Print(*again.spec), Print(*parsed.spec));
    EXPECT_EQ(IdOf(*again.spec), IdOf(*parsed.spec));
  }
}

TEST(Recognise, ATextSaysItself) {
  EXPECT_EQ(
      CanonicalOf(
          R"(events("Order Completed").within("90d").where(o, 500 < o.properties.total).count())"),
      R"(events("Order Completed").within("90d").where(e, e.properties.total > 500.0).count())");
  EXPECT_EQ(
      CanonicalOf(
          R"(sequence("2h", step(a, "Product Viewed"), step(b, "Product Added", b.properties.sku == a.properties.sku)).exists())"),
      R"(sequence("2h", step(s1, "Product Viewed"), step(s2, "Product Added", (s2.properties.sku) == (s1.properties.sku))).exists())");
}

TEST(Recognise, IdsNeverChange) {
  // Stored in people's records.
  EXPECT_EQ(IdOf(*ParseSpec(R"(events("Order Completed").within("90d").count())").spec),
            "f_d1f2364610deab67");
}

TEST(Recognise, MistakesHaveAPlaceAndASuggestion) {
  const std::pair<const char*, const char*> rows[] = {
      {R"(1 + events("A").cuont())", "1:17: events have no `cuont`; did you mean `count`?"},
      {R"(events("A") > 3)", "1:1: it is not said what of these events is wanted"},
      {R"(events("A").count > 3)", "1:13: `count` of events is called; did you mean `count()`?"},
      {R"(events("A").exists(e, e.x > 1))", "1:13: exists() of events takes no condition"},
      {R"(events("A").within("ninety days").count())", "1:20: a duration is a text"},
      {R"(events("A").within("1d").today().count())", "1:26: there is a window already"},
      {R"(events("A").sum())", "1:1: sum() wants a value"},
      {R"(events("A").sum(e, e.name))", "1:20: sum() wants a number, not a string"},
      {R"(events("A").where(e, e.sku == "x").count())", "1:24: `event` has no field `sku`"},
      {R"(events("A").where(e, person.traits.x == "y").count())",
       "1:22: a condition on events may read the event alone, not `person`"},
      {R"(events("A").where(e, e.name).count())",
       "1:22: a condition is true or false, not a string"},
      {R"(events("A").where(e, f.name == "x").count())", "1:22: there is no variable `f`"},
      {R"(events("A").trend())", "1:13: trend() wants a window of a fixed length"},
      {R"(events("A").lastDays(0).count())", "1:22: a whole number of days from 1 to"},
      {R"(events("A").within("1d").approx_distinct(e, e.name))",
       "approx_distinct() is over all events"},
      {R"(events("A").within("1h").not_followed_by("B", "2h").count())",
       "1:1: the window is over before it is known"},
      {R"(sequence("1h", step(a, "A")).count())",
       "1:1: a sequence has a duration and at least two steps"},
      {R"(sequence("1h", step(a, "A"), step(b, "B", b.properties.x > a.properties.x)).count())",
       "1:43: events of two steps can only be compared by =="},
      {R"(sequence("1h", step(a, "A"), step(b, "B", b.properties.x == a.properties.x), step(c, "C", c.properties.x == b.properties.x), step(d, "D", d.properties.y == a.properties.y)).count())",
       "the keys of later steps come from two earlier steps at once"},
      {R"(days_until(timestamp("2026-01-01T00:00:00Z")) < 3)",
       "1:1: days_until() takes one trait"}};
  for (const auto& [text, message] : rows) EXPECT_THAT(ErrorOf(text), HasSubstr(message)) << text;
}

// Texts that somebody has mistyped: each is refused with a place within it, or means what it says.
TEST(Recognise, NoTextIsTooOdd) {
  base::Random random(1, {1, 1}, "texts", "");
  const std::string pieces[] = {"(",      ")",       "\"",        ",",       ".",     "e",
                                "events", "step",    "[",         "]",       "{",     "1h",
                                "count",  ".where(", "sequence(", "-1",      "&&",    "e.x == s1.x",
                                "\\",     "\xC3",    "p",         "within(", "each(", "lastDays(9"};
  int accepted = 0;
  for (int trial = 0; trial < 30'000; ++trial) {
    std::string text = RandomSpecText(random, random.Below(2) == 0);
    for (uint64_t edits = random.Below(3); edits > 0; --edits) {
      const size_t at = random.Below(text.size() + 1);
      if (random.Below(2) == 0) text.erase(at, random.Below(4));
      if (random.Below(2) == 0) text.insert(at, pieces[random.Below(std::size(pieces))]);
    }
    const ParsedSpec parsed = ParseSpec(text);
    ASSERT_NE(parsed.spec.has_value(), !parsed.diagnostics.empty()) << text;
    for (const expr::Diagnostic& diagnostic : parsed.diagnostics) {
      ASSERT_LE(diagnostic.span.begin, text.size()) << text;
    }
    if (!parsed.spec) continue;
    ++accepted;
    const ParsedSpec again = ParseSpec(Print(*parsed.spec));
    ASSERT_TRUE(again.spec.has_value()) << text << "\n" << Print(*parsed.spec);
    ASSERT_EQ(*again.spec, *parsed.spec) << text;
  }
  EXPECT_GT(accepted, 5'000);
}

TEST(Recognise, UnknownEventsAreNamedWithWhatWasMeant) {
  RecogniseOptions options;
  options.is_closed = true;
  options.properties["Order Completed"] = {};
  EXPECT_EQ(ErrorOf(R"(events("Order Complete").count())", options),
            R"(1:8: there is no event "Order Complete"; did you mean `"Order Completed"`?)");
  EXPECT_EQ(ErrorOf(R"(events("Order Completed").count())", options), "");
}

TEST(Recognise, TypesSayHowFarAValueIsOff) {
  const auto type = [](const char* text) { return TypeOf(*ParseSpec(text).spec).Name(); };
  EXPECT_EQ(type(R"(events("A").count())"), "int");
  EXPECT_EQ(type(R"(events("A").last(e, e.name))"), "string");
  EXPECT_EQ(type(R"(events("A").first())"), "timestamp");
  EXPECT_EQ(type(R"(events("A").approx_distinct(e, e.name))"), "double ±1.6%");
  EXPECT_EQ(type(R"(events("A").approx_decay("30d"))"), "double ±2.2%");
}

}  // namespace
}  // namespace batuta::feature

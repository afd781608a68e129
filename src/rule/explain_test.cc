#include "rule/explain.h"

#include <gtest/gtest.h>

#include "rule/rule_testing.h"

namespace batuta::rule {
namespace {

std::string Said(std::string_view rule, std::string_view person,
                 Language language = Language::kEnglish) {
  AskedRule asked(rule);
  return LeavesText(asked.Why(person), language);
}

constexpr std::string_view kAna =
    R"({"person": {"traits": {"orders": 2, "plan": "basic", "vip": false, "tags": ["a"]}}})";

TEST(Explain, TellsTheLeafWithTheValueAndWhatItNeeds) {
  EXPECT_EQ(Said("person.traits.orders >= 3", kAna), "orders is 2, needs at least 3");
  EXPECT_EQ(Said("person.traits.orders >= 3", kAna, Language::kSpanish),
            "orders es 2, se necesita al menos 3");
  EXPECT_EQ(Said("person.traits.plan in ['gold', 'blue']", kAna),
            R"(plan is "basic", needs one of "gold", "blue")");
  EXPECT_EQ(Said("person.traits.city == 'Lima'", kAna), R"(city is not known, needs "Lima")");
  EXPECT_EQ(Said("person.traits.city == 'Lima'", kAna, Language::kSpanish),
            R"(city no se conoce, se necesita "Lima")");
}

TEST(Explain, AnAndIsFalseByThoseThatAreFalseAndUnknownByThoseThatAreUnknown) {
  EXPECT_EQ(Said("person.traits.orders >= 2 && person.traits.plan == 'gold' && "
                 "person.traits.city == 'Lima'",
                 kAna),
            R"(plan is "basic", needs "gold")");
  EXPECT_EQ(Said("person.traits.orders >= 2 && person.traits.city == 'Lima'", kAna),
            R"(city is not known, needs "Lima")");
}

TEST(Explain, AnOrIsFalseByAllOfIts) {
  EXPECT_EQ(Said("person.traits.orders > 5 || person.traits.plan == 'gold'", kAna),
            R"(orders is 2, needs more than 5; plan is "basic", needs "gold")");
}

TEST(Explain, UnderANotTheOppositeIsNeeded) {
  EXPECT_EQ(Said("!(person.traits.orders < 3)", kAna), "orders is 2, needs at least 3");
  EXPECT_EQ(Said("!has(person.traits.plan)", kAna), R"(plan is "basic", needs no value)");
  EXPECT_EQ(Said("!(person.traits.plan == 'basic' || person.traits.vip)", kAna),
            R"(plan is "basic", needs anything but "basic")");
}

TEST(Explain, OtherLeavesStandAsTheyWereWrittenWithWhatTheyRead) {
  EXPECT_EQ(Said("person.traits.orders + 1.0 > person.traits.vips", kAna),
            "`person.traits.orders + 1.0 > person.traits.vips` is unknown (orders is 2, vips is "
            "not known)");
  EXPECT_EQ(Said("'b' in person.traits.tags", kAna),
            R"(`"b" in person.traits.tags` is false (tags is "a"))");
}

TEST(Explain, TellsAlsoWhyItFits) {
  AskedRule rule("person.traits.orders >= 2 && (person.traits.vip || person.traits.plan != 'x')");
  const auto leaves = rule.Why(kAna);
  ASSERT_EQ(leaves.size(), 2u);
  EXPECT_EQ(LeafText(leaves[0], Language::kEnglish), "orders is 2, as it needs at least 2");
  EXPECT_EQ(leaves[1].path(), "person.traits.plan");
  EXPECT_EQ(leaves[1].outcome(), OUTCOME_TRUE);
}

TEST(Explain, IsStructuredToo) {
  AskedRule rule("person.traits.orders >= 3");
  EXPECT_EQ(base::ToJson(ToValue(rule.Why(kAna).at(0), Language::kEnglish)),
            R"({"expression":"person.traits.orders >= 3","outcome":"false",)"
            R"("field":"person.traits.orders","operator":">=","expected":3,)"
            R"("seen":[{"field":"person.traits.orders","value":2}],)"
            R"("why":"orders is 2, needs at least 3"})");
}

TEST(Explain, WhatWasReadCanBeReadAgain) {
  for (const char* json : {"null", "3", "\"x\"", "[1, {\"a\": [true]}]"}) {
    const base::Value value = *base::ParseJson(json);
    const Seen seen = SeenOf("x", expr::Value::OfJson(value));
    EXPECT_EQ(base::ToJson(seen.value()), base::ToJson(value));
  }
  base::Value sealed;
  sealed.mutable_sealed()->set_box("secret");
  const Seen seen = SeenOf("x", expr::Value::OfJson(sealed));
  EXPECT_EQ(seen.reading(), SEALED);
  EXPECT_EQ(ValueOf(seen).code(), expr::ErrorCode::kSealed);
  base::Value list;
  *list.mutable_list()->add_values() = sealed;
  const Seen in_list = SeenOf("x", expr::Value::OfJson(list));
  EXPECT_EQ(in_list.SerializeAsString().find("secret"), std::string::npos);
  EXPECT_EQ(ValueOf(in_list).Element(0).code(), expr::ErrorCode::kSealed);
}

}  // namespace
}  // namespace batuta::rule

#include "decision/conditions.h"

#include <gtest/gtest.h>

#include "base/value.h"

namespace batuta::decision {
namespace {

using base::NumberValue;
using base::TextValue;

Truth Ask(std::string_view is, std::vector<base::Value> values, const base::Value* value) {
  return Holds({.trait = "t", .comparison = ParseComparison(is), .values = std::move(values)},
               value);
}
Truth Ask(std::string_view is, const base::Value& expected, const base::Value& value) {
  return Ask(is, std::vector<base::Value>{expected}, &value);
}

TEST(Conditions, CompareNumbersAndTexts) {
  EXPECT_EQ(Ask("eq", TextValue("MX"), TextValue("MX")), Truth::kTrue);
  EXPECT_EQ(Ask("ne", TextValue("MX"), TextValue("PE")), Truth::kTrue);
  EXPECT_EQ(Ask("lt", NumberValue(18), NumberValue(17.5)), Truth::kTrue);
  EXPECT_EQ(Ask("le", NumberValue(18), NumberValue(18)), Truth::kTrue);
  EXPECT_EQ(Ask("gt", NumberValue(18), NumberValue(18)), Truth::kFalse);
  EXPECT_EQ(Ask("ge", NumberValue(18), NumberValue(18)), Truth::kTrue);
  EXPECT_EQ(Ask("gt", TextValue("2026-01-01"), TextValue("2026-02-01")), Truth::kTrue);
}

TEST(Conditions, AbsentTraitIsUnknownNotFalse) {
  for (const std::string_view is : {"eq", "ne", "lt", "le", "gt", "ge", "in"}) {
    EXPECT_EQ(Ask(is, {NumberValue(1)}, nullptr), Truth::kUnknown) << is;
    const base::Value null = base::NullValue();
    EXPECT_EQ(Ask(is, {NumberValue(1)}, &null), Truth::kUnknown) << is;
  }
}

TEST(Conditions, SealedTraitIsPresentButCannotBeCompared) {
  base::Value sealed;
  sealed.mutable_sealed();
  for (const std::string_view is : {"eq", "ne", "lt", "in"}) {
    EXPECT_EQ(Ask(is, {TextValue("x")}, &sealed), Truth::kUnknown) << is;
  }
  EXPECT_EQ(Ask("exists", {}, &sealed), Truth::kTrue);
  EXPECT_EQ(Ask("missing", {}, &sealed), Truth::kFalse);
}

TEST(Conditions, PresenceIsNeverUnknown) {
  EXPECT_EQ(Ask("exists", {}, nullptr), Truth::kFalse);
  EXPECT_EQ(Ask("missing", {}, nullptr), Truth::kTrue);
}

TEST(Conditions, OrderOfDifferentTypesIsUnknown) {
  EXPECT_EQ(Ask("lt", NumberValue(18), TextValue("17")), Truth::kUnknown);
  EXPECT_EQ(Ask("eq", NumberValue(18), TextValue("18")), Truth::kFalse);
}

TEST(Conditions, ListMatchesByAnyElement) {
  base::Value list;
  *list.mutable_list()->add_values() = TextValue("a");
  *list.mutable_list()->add_values() = TextValue("b");
  EXPECT_EQ(Ask("eq", TextValue("b"), list), Truth::kTrue);
  EXPECT_EQ(Ask("ne", TextValue("b"), list), Truth::kFalse);
  EXPECT_EQ(Ask("ne", TextValue("c"), list), Truth::kTrue);
  list.mutable_list()->add_values()->mutable_sealed();
  EXPECT_EQ(Ask("eq", TextValue("c"), list), Truth::kUnknown);
}

TEST(Conditions, InMatchesAnyOfItsValues) {
  const base::Value gold = TextValue("gold");
  EXPECT_EQ(Ask("in", {TextValue("silver"), TextValue("gold")}, &gold), Truth::kTrue);
  EXPECT_EQ(Ask("in", {TextValue("silver")}, &gold), Truth::kFalse);
}

}  // namespace
}  // namespace batuta::decision

#include "base/value.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/json.h"
#include "base/random.h"

namespace batuta::base {
namespace {

Value Json(std::string_view text) { return *ParseJson(text); }

Value SealedValue(std::string_view box, std::string_view equality) {
  Value value;
  value.mutable_sealed()->set_box(std::string(box));
  value.mutable_sealed()->set_equality(std::string(equality));
  return value;
}

// A small random value, so that equal ones are drawn now and then.
Value Draw(Random& random, int depth) {
  switch (random.Below(depth > 0 ? 6 : 4)) {
    case 0:
      return NullValue();
    case 1:
      return BooleanValue(random.Below(2) == 1);
    case 2:
      return NumberValue(static_cast<double>(random.Below(3)) - 1);
    case 3:
      return TextValue(std::string(random.Below(3), 'a'));
    case 4: {
      Value list;
      list.mutable_list();
      for (uint64_t i = random.Below(3); i > 0; --i) {
        *list.mutable_list()->add_values() = Draw(random, depth - 1);
      }
      return list;
    }
    default: {
      Value object;
      object.mutable_object();
      for (uint64_t i = random.Below(3); i > 0; --i) {
        SetField(*object.mutable_object(), std::string(1, static_cast<char>('a' + random.Below(3))),
                 Draw(random, depth - 1));
      }
      return object;
    }
  }
}

void ReverseFields(Value& value) {
  if (value.has_list()) {
    for (Value& element : *value.mutable_list()->mutable_values()) ReverseFields(element);
  }
  if (value.has_object()) {
    auto& fields = *value.mutable_object()->mutable_fields();
    std::reverse(fields.begin(), fields.end());
    for (Field& field : fields) ReverseFields(*field.mutable_value());
  }
}

int Sign(int order) { return (order > 0) - (order < 0); }

TEST(Value, CompareIsATotalOrderThatAgreesWithHashAndBytes) {
  Random random(1, {}, "value", "");
  for (int i = 0; i < 50'000; ++i) {
    const Value a = Draw(random, 2);
    const Value b = Draw(random, 2);
    const Value c = Draw(random, 2);
    ASSERT_EQ(Sign(Compare(a, b)), -Sign(Compare(b, a)));
    ASSERT_TRUE(Compare(a, b) > 0 || Compare(b, c) > 0 || Compare(a, c) <= 0);
    ASSERT_EQ(Equal(a, b), CanonicalHash(a) == CanonicalHash(b)) << ToJson(a) << ToJson(b);
    ASSERT_EQ(Equal(a, b), CanonicalBytes(a) == CanonicalBytes(b));
  }
}

TEST(Value, TheOrderOfFieldsCarriesNoMeaning) {
  Random random(2, {}, "value", "");
  for (int i = 0; i < 5'000; ++i) {
    const Value value = Draw(random, 4);
    Value reversed = value;
    ReverseFields(reversed);
    ASSERT_TRUE(Equal(value, reversed));
    ASSERT_EQ(CanonicalHash(value), CanonicalHash(reversed));
  }
  const Value ordered = Json(R"({"a":1,"b":{"c":2,"d":3}})");
  const Value other = Json(R"({"b":{"d":3,"c":2},"a":1})");
  EXPECT_EQ(CanonicalHash(ordered), CanonicalHash(other));
  EXPECT_EQ(CanonicalHash(ordered.object()), CanonicalHash(ordered));
}

TEST(Value, KindsAreOrderedAndNeverEqual) {
  const std::vector<Value> ascending = {NullValue(),
                                        BooleanValue(false),
                                        BooleanValue(true),
                                        NumberValue(std::nan("")),
                                        NumberValue(-std::numeric_limits<double>::infinity()),
                                        NumberValue(0),
                                        NumberValue(1),
                                        TextValue(""),
                                        TextValue("A"),
                                        TextValue("a"),
                                        TextValue("\xC3\xB1"),
                                        Json("[]"),
                                        Json("[0]"),
                                        Json("[0,0]"),
                                        Json("[1]"),
                                        Json("{}"),
                                        Json(R"({"a":1})"),
                                        Json(R"({"a":1,"b":0})"),
                                        Json(R"({"a":2})"),
                                        SealedValue("z", "1"),
                                        SealedValue("y", "2")};
  for (size_t i = 0; i < ascending.size(); ++i) {
    for (size_t j = 0; j < ascending.size(); ++j) {
      EXPECT_EQ(Sign(Compare(ascending[i], ascending[j])), i < j ? -1 : i > j) << i << " " << j;
    }
  }
}

TEST(Value, TheOddFormsOfOneValueAreEqual) {
  EXPECT_TRUE(Equal(Value(), NullValue()));
  EXPECT_EQ(CanonicalHash(Value()), CanonicalHash(NullValue()));
  EXPECT_TRUE(IsNull(Value()) && IsNull(NullValue()) && !IsNull(BooleanValue(false)));
  EXPECT_TRUE(Equal(NumberValue(-0.0), NumberValue(0)));
  EXPECT_EQ(CanonicalHash(NumberValue(-0.0)), CanonicalHash(NumberValue(0)));
  EXPECT_TRUE(Equal(NumberValue(std::nan("")), NumberValue(-std::nan("1"))));
}

TEST(Value, SealedValuesAreEqualByTheHashOfTheirPlaintext) {
  EXPECT_TRUE(Equal(SealedValue("nonce 1", "same"), SealedValue("nonce 2", "same")));
  EXPECT_EQ(CanonicalHash(SealedValue("1", "same")), CanonicalHash(SealedValue("2", "same")));
  EXPECT_FALSE(Equal(SealedValue("nonce", "one"), SealedValue("nonce", "two")));
  EXPECT_FALSE(Equal(SealedValue("", "text"), TextValue("text")));
}

// State hashes are compared between versions of the hub: a change here needs a migration.
TEST(Value, CanonicalBytesNeverChange) {
  const Value value = Json(R"({"b":[true,null,1.5],"a":"x"})");
  EXPECT_EQ(EncodeHex(CanonicalBytes(value)), "0502016103017801620403010100023ff8000000000000");
}

TEST(Value, PathsFollowObjectsAndPreferTheFieldNamedWithDots) {
  const Value root =
      Json(R"({"address":{"city":"Oaxaca","a.b":{"c":2}},"a.b":1,"a":{"b":2},"n":null})");
  EXPECT_EQ(FindPath(root.object(), "address.city")->text(), "Oaxaca");
  EXPECT_EQ(FindPath(root.object(), "a.b")->number(), 1);
  EXPECT_EQ(FindPath(root.object(), "address.a.b.c")->number(), 2);
  EXPECT_TRUE(FindPath(root.object(), "n")->null());
  for (const char* path :
       {"", ".", "city", "address.street", "address.city.x", "n.x", "address."}) {
    EXPECT_EQ(FindPath(root.object(), path), nullptr) << path;
  }
}

TEST(Value, SetFieldReplacesOrAdds) {
  Fields fields;
  SetField(fields, "a", NumberValue(1));
  SetField(fields, "b", NumberValue(2));
  SetField(fields, "a", TextValue("x"));
  EXPECT_EQ(ToJson(fields), R"({"a":"x","b":2})");
  FindMutable(fields, "b")->set_boolean(true);
  EXPECT_TRUE(Find(fields, "b")->boolean());
  EXPECT_EQ(FindMutable(fields, "c"), nullptr);
}

}  // namespace
}  // namespace batuta::base

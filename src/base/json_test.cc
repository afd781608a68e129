#include "base/json.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "base/random.h"
#include "base/text.h"

namespace batuta::base {
namespace {

std::string Nested(int depth) {
  return std::string(static_cast<size_t>(depth), '[') +
         std::string(static_cast<size_t>(depth), ']');
}

std::string ErrorOf(std::string_view text) {
  return std::string(StdView(ParseJson(text).status().message()));
}

std::string NumberText(double number) { return ToJson(NumberValue(number)); }

TEST(Json, ValuesOfEveryKindReadBack) {
  const std::string text =
      R"({"null":null,"yes":true,"no":false,"n":-1.5,"t":"á\"\\\n\u0001😀","l":[1,[],{}],"o":{"":0}})";
  EXPECT_EQ(ToJson(*ParseJson(text)), text);
  EXPECT_EQ(ToJson(*internal::ParseJsonCarefully(text)), text);
}

TEST(Json, EveryFiniteNumberReadsBackTheSame) {
  Random random(1, {}, "json", "");
  for (int i = 0; i < 50'000; ++i) {
    const auto number = std::bit_cast<double>(random.Bits());
    if (!std::isfinite(number)) continue;
    const std::string text = NumberText(number);
    EXPECT_EQ(ParseJson(text)->number(), number) << text;
    EXPECT_EQ(internal::ParseJsonCarefully(text)->number(), number) << text;
  }
}

TEST(Json, IntegersAreWrittenWithoutExponentUpTo2To53) {
  EXPECT_EQ(NumberText(9007199254740992), "9007199254740992");
  EXPECT_EQ(NumberText(-9007199254740992), "-9007199254740992");
  EXPECT_EQ(NumberText(100000), "100000");
  EXPECT_EQ(NumberText(1e300), "1e+300");
  EXPECT_EQ(NumberText(0.1), "0.1");
  EXPECT_EQ(NumberText(-0.0), "0");
}

TEST(Json, NumbersThatJsonLacksAreWrittenAsNull) {
  EXPECT_EQ(NumberText(std::nan("")), "null");
  EXPECT_EQ(NumberText(std::numeric_limits<double>::infinity()), "null");
}

TEST(Json, IntegersOfAnyLengthAreRoundedToDoubles) {
  EXPECT_EQ(ParseJson("18446744073709551615")->number(), 0x1p64);
  EXPECT_EQ(ParseJson("100000000000000000000")->number(), 1e20);
  EXPECT_EQ(ParseJson("[123456789012345678901234567890]")->list().values(0).number(),
            123456789012345678901234567890.0);
  EXPECT_EQ(ParseJson("1e-400")->number(), 0);
}

TEST(Json, ErrorsNameThePlace) {
  EXPECT_EQ(ErrorOf(""), "JSON: expected a value at byte 0");
  EXPECT_EQ(ErrorOf("[1,]"), "JSON: expected a value at byte 3");
  EXPECT_EQ(ErrorOf("[1 2]"), "JSON: expected ',' or ']' at byte 3");
  EXPECT_EQ(ErrorOf(R"({"a" 1})"), "JSON: expected ':' at byte 5");
  EXPECT_EQ(ErrorOf(R"({a:1})"), "JSON: expected a name in quotes at byte 1");
  EXPECT_EQ(ErrorOf(R"({"a":1,})"), "JSON: expected a name in quotes at byte 7");
  EXPECT_EQ(ErrorOf(R"({"a":1)"), "JSON: expected ',' or '}' at byte 6");
  EXPECT_EQ(ErrorOf("[] x"), "JSON: expected the end of the text at byte 3");
  EXPECT_EQ(ErrorOf("\"abc"), "JSON: text without closing quote at byte 0");
  EXPECT_EQ(ErrorOf("\"a\nb\""), "JSON: control character in text at byte 2");
  EXPECT_EQ(ErrorOf("\"a\xFF\""), "JSON: invalid UTF-8 at byte 2");
  EXPECT_EQ(ErrorOf(R"("\ud800x")"), "JSON: lone surrogate at byte 1");
  EXPECT_EQ(ErrorOf(R"("\x")"), "JSON: unknown escape at byte 1");
  EXPECT_EQ(ErrorOf(R"("\u12")"), "JSON: expected four hexadecimal digits at byte 1");
  EXPECT_EQ(ErrorOf("[1e999]"), "JSON: number too large at byte 1");
  EXPECT_EQ(ErrorOf("nul"), "JSON: expected a value at byte 0");
}

TEST(Json, WhatTheGrammarForbidsIsRefused) {
  for (const char* text : {"01",          "+1",
                           "1.",          ".5",
                           "1e",          "-",
                           "0x1",         "NaN",
                           "Infinity",    "'a'",
                           "tru",         "truex",
                           "[",           "]",
                           "{",           "[1}",
                           "// c\n1",     "\xEF\xBB\xBF{}",
                           "1 2",         "\"\t\"",
                           R"("\udc00")", R"("\ud800\u0041")",
                           "{\"a\"}",     "[,1]",
                           "--1",         "1.e5"}) {
    EXPECT_FALSE(ParseJson(text).ok()) << text;
    EXPECT_FALSE(internal::ParseJsonCarefully(text).ok()) << text;
  }
}

TEST(Json, ANameTwiceInOneObjectIsRefused) {
  EXPECT_EQ(ErrorOf(R"({"a":1,"b":{"a":2},"a":3})"), "JSON: the same name twice at byte 19");
  EXPECT_EQ(ErrorOf(R"({"a":1,"\u0061":2})"), "JSON: the same name twice at byte 7");
  EXPECT_TRUE(ParseJson(R"({"a":{"a":1},"b":{"a":1}})").ok());
  std::string many = "{";
  for (int i = 0; i < 100; ++i) StrAppend(&many, "\"n", i, "\":0,");
  EXPECT_TRUE(ParseJson(many + "\"m\":0}").ok());
  EXPECT_FALSE(ParseJson(many + "\"n50\":0}").ok());
}

TEST(Json, NestingIsAcceptedUpToTheLimit) {
  EXPECT_TRUE(ParseJson(Nested(kJsonDepthMax)).ok());
  EXPECT_EQ(ErrorOf(Nested(kJsonDepthMax + 1)), "JSON: nested too deep at byte 28");
  EXPECT_EQ(ErrorOf(std::string(1'000'000, '[')), "JSON: nested too deep at byte 28");
  EXPECT_TRUE(internal::ParseJsonCarefully(Nested(kJsonDepthMax)).ok());
}

TEST(Json, TheDeepestValueCanBeStored) {
  std::string deepest = "1";
  for (int i = 0; i < kJsonDepthMax; ++i) deepest = StrCat("{\"a\":", deepest, "}");
  auto value = ParseJson(deepest);
  ASSERT_TRUE(value.ok()) << value.status();
  // Lists of lists stand for the messages around it: two levels each.
  for (int i = 0; i < 7; ++i) {
    Value outer;
    *outer.mutable_list()->add_values() = *value;
    *value = outer;
  }
  EXPECT_TRUE(Value().ParseFromString(value->SerializeAsString()));
}

TEST(Json, EscapesMeanWhatTheRfcSays) {
  const std::string_view text = R"("\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00\u0000")";
  const std::string meaning("\"\\/\b\f\n\r\té😀\0", 15);
  EXPECT_EQ(ParseJson(text)->text(), meaning);
  EXPECT_EQ(internal::ParseJsonCarefully(text)->text(), meaning);
}

// The fast and the careful parser are two implementations of one grammar: damaged texts must be
// judged alike by both.
TEST(Json, TheFastAndTheCarefulParserAgree) {
  const std::string_view seed =
      R"( {"id":"u\u00f1\ud83d\ude00","n":[0,-1.5e+3,12345678901],"o":{"t":true,"f":false,"z":null}} )";
  constexpr std::string_view kBytes = "{}[]\",:\\u0123eE+-. tfn\x80\xC3\n";
  Random random(2, {}, "json", "");
  int accepted = 0;
  for (int i = 0; i < 100'000; ++i) {
    std::string text(seed);
    for (uint64_t changes = 1 + random.Below(2); changes > 0; --changes) {
      const size_t place = random.Below(text.size());
      const char byte = kBytes[random.Below(kBytes.size())];
      if (random.Below(3) == 0) {
        text.erase(place, 1);
      } else {
        text.replace(place, random.Below(2), 1, byte);
      }
    }
    const absl::StatusOr<Value> fast = ParseJson(text);
    const absl::StatusOr<Value> careful = internal::ParseJsonCarefully(text);
    ASSERT_EQ(fast.ok(), careful.ok()) << text;
    if (!fast.ok()) continue;
    ++accepted;
    ASSERT_EQ(ToJson(*fast), ToJson(*careful)) << text;
    ASSERT_EQ(ToJson(*ParseJson(ToJson(*fast))), ToJson(*fast));
  }
  EXPECT_GT(accepted, 1000);
}

TEST(Json, TextsBeyondTheKeptParsersSizeAreRead) {
  const std::string large = "\"" + std::string(3 << 20, 'x') + "\"";
  EXPECT_EQ(ParseJson(large)->text().size(), size_t{3} << 20);
  EXPECT_TRUE(ParseJson("1").ok());
}

TEST(JsonWriter, PutsCommasAndColons) {
  JsonWriter json;
  json.BeginObject();
  json.Key("a");
  json.BeginArray();
  json.Int(-1);
  json.Uint(18446744073709551615U);
  json.Number(0.5);
  json.BeginObject();
  json.EndObject();
  json.Raw("[7]");
  json.Write(TextValue("x"));
  json.EndArray();
  json.Key("b\"");
  json.Bool(true);
  json.Key("c");
  json.Null();
  json.EndObject();
  EXPECT_EQ(json.Take(), R"({"a":[-1,18446744073709551615,0.5,{},[7],"x"],"b\"":true,"c":null})");
  json.String("again");
  EXPECT_EQ(json.Take(), "\"again\"");
}

TEST(JsonWriter, ShowsTheSealedPartsOnly) {
  Value value;
  value.mutable_sealed()->set_key("\x01");
  value.mutable_sealed()->set_epoch(2);
  value.mutable_sealed()->set_box("\x03");
  value.mutable_sealed()->set_equality("\x04");
  EXPECT_EQ(ToJson(value), R"({"$sealed":{"key":"01","epoch":2,"box":"03","equality":"04"}})");
}

TEST(JsonWriterDeathTest, EveryBeginHasItsEnd) {
  JsonWriter json;
  json.BeginArray();
  EXPECT_DEATH(json.Take(), "depth");
  json.EndArray();
  EXPECT_DEATH(json.EndArray(), "depth");
}

}  // namespace
}  // namespace batuta::base

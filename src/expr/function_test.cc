// What the libraries compute, beyond what the conformance suite asks.
#include "expr/function.h"

#include <string>

#include "base/json.h"
#include "base/text.h"
#include "expr/calendar.h"
#include "expr/compile.h"
#include "expr/evaluate.h"
#include "expr/value_json.h"
#include "gtest/gtest.h"

namespace batuta::expr {
namespace {

// The result as JSON, or the name of the error.
std::string Result(std::string_view text) {
  const Environment environment;
  AttributeTable table;
  const VariableSource source;
  const Compiled compiled = Compile(text, environment, table, {.check = false});
  if (compiled.program == nullptr) return Describe(compiled.diagnostics, text);
  Activation activation(table, source);
  Evaluator evaluator;
  const Value value = evaluator.Evaluate(*compiled.program, activation);
  if (value.is_error()) return Name(value.code());
  Scratch scratch;
  scratch.Start(kBudgetDefault);
  const auto json = ToJson(value, scratch);
  return json ? base::ToJson(*json) : "no JSON";
}

TEST(Functions, TextsAreCountedAndCutInCodePoints) {
  EXPECT_EQ(Result("'ñandú'.size()"), "5");
  EXPECT_EQ(Result("'ñandú'.substring(0, 1)"), "\"ñ\"");
  EXPECT_EQ(Result("'ñandú'.charAt(4)"), "\"ú\"");
  EXPECT_EQ(Result("'ñandú'.indexOf('ú')"), "4");
  EXPECT_EQ(Result("'ñandú'.reverse()"), "\"údnañ\"");
  EXPECT_EQ(Result("'ñandú'.split('')"), R"(["ñ","a","n","d","ú"])");
  EXPECT_EQ(Result("'ñé'.replace('', '-')"), "\"-ñ-é-\"");
  EXPECT_EQ(Result("'abc'.indexOf('a', 4)"), "bad index");
  EXPECT_EQ(Result("'abc'.substring(2, 1)"), "bad index");
}

TEST(Functions, SplitAndReplaceTakeALimit) {
  EXPECT_EQ(Result("'a,b,c'.split(',', 2)"), R"(["a","b,c"])");
  EXPECT_EQ(Result("''.split(',')"), R"([""])");
  EXPECT_EQ(Result("'aaa'.replace('a', 'b', 2)"), "\"bba\"");
  EXPECT_EQ(Result("'aaa'.replace('a', 'b', 0)"), "\"aaa\"");
}

TEST(Functions, WholeDoublesAreWrittenAsPeopleWriteThem) {
  EXPECT_EQ(Result("string(1234567.0)"), "\"1234567\"");
  EXPECT_EQ(Result("string(0.1 + 0.2)"), "\"0.30000000000000004\"");
  EXPECT_EQ(Result("string(1e300)"), "\"1e+300\"");
  EXPECT_EQ(Result("string(0.0 / 0.0)"), "\"NaN\"");
}

TEST(Functions, ConversionsTakeTheWholeTextOrNone) {
  EXPECT_EQ(Result("int(' 1')"), "bad argument");
  EXPECT_EQ(Result("int('1.5')"), "bad argument");
  EXPECT_EQ(Result("int('+-1')"), "bad argument");
  EXPECT_EQ(Result("uint('-1')"), "bad argument");
  EXPECT_EQ(Result("double('1e999')"), "bad argument");
  EXPECT_EQ(Result("double('0x10')"), "bad argument");
  EXPECT_EQ(Result("int(0.0 / 0.0)"), "overflow");
}

TEST(Functions, FormatsNumbersAndRefusesWhatDoesNotGo) {
  EXPECT_EQ(Result("'%.2f%% of %d'.format([12.345, 7])"), "\"12.35% of 7\"");
  EXPECT_EQ(Result("'%x %o %b'.format([-255, 8u, true])"), "\"-ff 10 1\"");
  EXPECT_EQ(Result("'%d'.format([1.5])"), "bad argument");
  EXPECT_EQ(Result("'%.2'.format([1.5])"), "bad argument");
  EXPECT_EQ(Result("'%.99999999999f'.format([1.5])"), "bad argument");
  EXPECT_EQ(Result("'%s'.format([optional.none()])"), "bad argument");
}

TEST(Functions, PatternsAreRe2s) {
  EXPECT_EQ(Result("'a'.matches('(')"), "bad argument");
  EXPECT_EQ(Result("'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!'.matches('^(a+)+$')"), "false");
  EXPECT_EQ(Result("'x'.matches('((a{100}){100}){100}')"), "bad argument");
}

TEST(Functions, MembershipInALongListOfTextsIsTheSame) {
  std::string list;
  for (int i = 0; i < 50; ++i) list += base::StrCat(i > 0 ? ", " : "", "'c", i * 7 % 50, "'");
  EXPECT_EQ(Result(base::StrCat("['c7', 'x', 'c49', 1, null].map(v, v in [", list, "])")),
            "[true,false,true,false,false]");
  EXPECT_EQ(Result(base::StrCat("optional.none().value() in [", list, "]")), "absent");
}

TEST(Functions, WhatIsNotOfJsonHasNone) {
  EXPECT_EQ(Result("[9007199254740992, -1, 1u, b'a', 1.0 / 0.0, timestamp(0), duration('1s')]"),
            R"(["9007199254740992",-1,1,"YQ==","Infinity","1970-01-01T00:00:00Z","1s"])");
  EXPECT_EQ(Result("{1: 2}"), "no JSON");
  EXPECT_EQ(Result("int"), "no JSON");
}

TEST(Functions, ATimeOfTheHubIsATimestamp) {
  const Value value = OfTime(base::Time{-1});
  EXPECT_EQ(FormatTimestamp(value.seconds(), value.nanos()), "1969-12-31T23:59:59.999999Z");
  EXPECT_TRUE(OfTime(base::kDistantPast).is_error());
}

TEST(Functions, LongChainsOfNamesCompileFast) {
  std::string chain = "nothing";
  for (int i = 0; i < 200; ++i) chain += ".a";
  const std::string many = base::StrCat("[", chain, ", ", chain, ", has(", chain, ")]");
  EXPECT_EQ(Result(many), "undeclared");
  EXPECT_EQ(Result(base::StrCat("[{}].map(nothing, ", chain, ")")), "absent");
}

}  // namespace
}  // namespace batuta::expr

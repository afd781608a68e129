#include "base/csv.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace batuta::base {
namespace {

// "a|b;c" for the rows [a, b], [c]; "!code@line:column" for one that could not be read.
std::string Read(std::string_view text) {
  CsvParser parser(text);
  CsvRecord record;
  std::string out;
  while (parser.Next(record)) {
    if (!out.empty()) out += ';';
    if (!record.problem.empty()) {
      out += "!" + record.problem + "@" + std::to_string(record.problem_line) + ":" +
             std::to_string(record.problem_column);
      continue;
    }
    for (size_t i = 0; i < record.fields.size(); ++i) {
      if (i > 0) out += '|';
      out += record.fields[i].text;
    }
  }
  return out;
}

TEST(Csv, FieldsAreCutAtCommasAndRowsAtLineEnds) {
  EXPECT_EQ(Read("a,b\nc,d\r\ne,"), "a|b;c|d;e|");
  EXPECT_EQ(Read(""), "");
  EXPECT_EQ(Read("\n\r\n\na\n\n"), "a");
  EXPECT_EQ(Read("\xEF\xBB\xBF"
                 "a,b"),
            "a|b");
  EXPECT_EQ(Read("a\rb,c"), "a\rb|c");
}

TEST(Csv, QuotedFieldsHoldEverything) {
  EXPECT_EQ(Read("\"a,b\",\"c\"\"d\"\n\"e\nf\",g"), "a,b|c\"d;e\nf|g");
  EXPECT_EQ(Read("a\n\"\"\n\"\",\"\""), "a;;|");
  EXPECT_EQ(Read("a\"b,c"), "a\"b|c");
}

TEST(Csv, AMistakeIsToldWithItsPlaceAndTheNextRowIsRead) {
  EXPECT_EQ(Read("a,\"b\"c\nd"), "!bad_quote@1:6;d");
  EXPECT_EQ(Read("a\nb,\"c\nd"), "a;!unclosed_quote@2:3");
  EXPECT_EQ(Read("a\né,x\xFFy\nb"), "a;!not_utf8@2:4;b");
}

TEST(Csv, FieldsKnowWhereTheyBegin) {
  CsvParser parser("né,b\n\"x\ny\",z");
  CsvRecord record;
  ASSERT_TRUE(parser.Next(record));
  EXPECT_EQ(record.fields[1].column, 4u);
  ASSERT_TRUE(parser.Next(record));
  EXPECT_EQ(record.line, 2u);
  EXPECT_EQ(record.fields[0].line, 2u);
  EXPECT_EQ(record.fields[1].line, 3u);
  EXPECT_EQ(record.fields[1].column, 4u);
}

TEST(Csv, WhatIsWrittenIsReadAgain) {
  constexpr std::string_view kAlphabet = "ab,\"\r\n =é";
  Random random(7, Id128(), "csv", "");
  for (int round = 0; round < 3000; ++round) {
    std::vector<std::string> fields(1 + random.Below(4));
    for (std::string& field : fields) {
      for (uint64_t i = random.Below(6); i > 0; --i) {
        const size_t at = random.Below(kAlphabet.size() - 1);
        field += at < 8 ? std::string(1, kAlphabet[at]) : "é";
      }
    }
    std::string text;
    AppendCsvRow({fields.begin(), fields.end()}, text);
    CsvParser parser(text);
    CsvRecord record;
    ASSERT_TRUE(parser.Next(record)) << text;
    ASSERT_EQ(record.problem, "") << text;
    ASSERT_EQ(record.fields.size(), fields.size()) << text;
    for (size_t i = 0; i < fields.size(); ++i) EXPECT_EQ(record.fields[i].text, fields[i]) << text;
    EXPECT_FALSE(parser.Next(record)) << text;
  }
}

}  // namespace
}  // namespace batuta::base

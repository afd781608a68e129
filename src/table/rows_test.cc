#include "table/rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "expr/operators.h"
#include "table/content.h"

namespace batuta::table {
namespace {

Declaration Products() {
  Declaration declaration;
  declaration.name = "products";
  const auto add = [&](const char* name, ColumnType type) {
    Column column;
    column.set_name(name);
    column.set_type(type);
    declaration.columns.push_back(column);
  };
  add("sku", TEXT);
  add("title", TEXT);
  add("margin", NUMBER);
  add("stock", INTEGER);
  add("sold", BOOLEAN);
  add("since", TIME);
  return declaration;
}

constexpr std::string_view kNames = "sku,title,margin,stock,sold,since\n";

// "code@line:column detail" of each problem.
std::vector<std::string> ProblemsOf(std::string_view csv) {
  std::vector<std::string> all;
  for (const RowProblem& problem : ReadRows(csv, Products()).problems) {
    all.push_back(
        base::StrCat(problem.code, "@", problem.line, ":", problem.column, " ", problem.detail));
  }
  return all;
}

std::string CsvOf(const Content& content) {
  std::string out;
  content.AppendNames(out);
  for (size_t i = 0; i < content.rows(); ++i) content.AppendRow(i, out);
  return out;
}

TEST(Rows, AreTypedAndComeBackInOneForm) {
  Rows rows = ReadRows(base::StrCat(kNames,
                                    "A1,\"Zapato, rojo\",0.25,12,true,2026-01-31\n"
                                    "007,,1e3, 0 ,FALSE,2026-01-31T09:30:00+01:00\n"),
                       Products());
  ASSERT_TRUE(rows.problems.empty());
  EXPECT_EQ(rows.head.rows(), 2u);
  const auto content = Content::Make(rows.head, rows.parts);
  ASSERT_TRUE(content.ok());
  EXPECT_EQ(CsvOf(**content),
            "sku,title,margin,stock,sold,since\r\n"
            "A1,\"Zapato, rojo\",0.25,12,true,2026-01-31T00:00:00Z\r\n"
            "007,,1000,0,false,2026-01-31T08:30:00Z\r\n");
  const Rows again = ReadRows(CsvOf(**content), Products());
  EXPECT_EQ(again.parts, rows.parts);
}

TEST(Rows, ColumnsMayStandInAnyOrder) {
  const Rows rows = ReadRows("since,stock,margin,sku,sold,title\n,5,,B2,,\n", Products());
  ASSERT_TRUE(rows.problems.empty());
  EXPECT_EQ(CsvOf(**Content::Make(rows.head, rows.parts)),
            "sku,title,margin,stock,sold,since\r\nB2,,,5,,\r\n");
}

TEST(Rows, AllThatIsWrongIsToldAtOnceWithItsPlace) {
  EXPECT_THAT(
      ProblemsOf(base::StrCat(kNames,
                              "A1,a,x,1.5,maybe,yesterday\n"
                              "A1,b,1,1,true,\n"
                              ",c,1,1,true,\n"
                              "A2,d,1\n"
                              "A3,\xFF,1,1,true,\n"
                              "A4,\"e\"f,1,1,true,\n"
                              "A5,g,nan,9007199254740993,1,\n")),
      testing::ElementsAre(
          "type@2:6 margin is \"x\", and has to be a number such as 12.5",
          "type@2:8 stock is \"1.5\", and has to be a whole number such as 12",
          "type@2:12 sold is \"maybe\", and has to be true or false",
          "type@2:18 since is \"yesterday\", and has to be a time such as 2026-01-31 or "
          "2026-01-31T09:30:00Z",
          "duplicate_key@3:1 the sku \"A1\" stands in line 2 already",
          "no_key@4:1 the row has no sku",
          "ragged_row@5:1 the row has 3 fields, and there are 6 columns",
          "not_utf8@6:4 this is not valid UTF-8",
          "bad_quote@7:7 the field goes on behind its closing quote",
          "type@8:6 margin is \"nan\", and has to be a number such as 12.5",
          "type@8:10 stock is \"9007199254740993\", and has to be a whole number such as 12",
          "type@8:27 sold is \"1\", and has to be true or false"));
}

TEST(Rows, TheNamesOfTheColumnsHaveToBeThoseDeclared) {
  EXPECT_THAT(ProblemsOf("sku,titel,margin,stock,sold,since,sku\n"),
              testing::ElementsAre(
                  "unknown_column@1:5 the table declares no column \"titel\"; did you mean "
                  "\"title\"?",
                  "duplicate_column@1:35 the column \"sku\" stands twice",
                  "missing_column@1:1 there is no column \"title\""));
  EXPECT_THAT(ProblemsOf(""), testing::ElementsAre(
                                  "empty@1:1 the file is empty; its first line names the columns"));
}

TEST(Rows, OfManyProblemsTheFirstAreListedAndAllCounted) {
  std::string csv(kNames);
  for (int i = 0; i < 250; ++i) csv += base::StrCat("K", i, ",,x,,,\n");
  const Rows rows = ReadRows(csv, Products());
  EXPECT_EQ(rows.problems.size(), kProblemsMax);
  EXPECT_EQ(rows.problem_count, 250u);
}

TEST(Rows, ACellHasABound) {
  EXPECT_EQ(
      ProblemsOf(base::StrCat(kNames, "A,", std::string(kCellBytesMax, 'x'), ",,,,\n")).size(), 0u);
  EXPECT_THAT(
      ProblemsOf(base::StrCat(kNames, "A,", std::string(kCellBytesMax + 1, 'x'), ",,,,\n")),
      testing::ElementsAre("too_long@2:3 title has 4097 bytes, and at most 4096 are allowed"));
}

TEST(Rows, IntegersAreKeysInOneForm) {
  Declaration branches = Products();
  branches.columns[0].set_type(INTEGER);
  const Rows rows = ReadRows(base::StrCat(kNames, "007,a,,,,\n8,b,,,,\n"), branches);
  const auto content = *Content::Make(rows.head, rows.parts);
  EXPECT_TRUE(content->Has("7"));
  EXPECT_FALSE(content->Has("007"));
  EXPECT_EQ(ReadRows(base::StrCat(kNames, "7,,,,,\n07,,,,,\n"), branches).problems[0].code,
            "duplicate_key");
}

}  // namespace
}  // namespace batuta::table

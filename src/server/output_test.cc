#include "server/output.h"

#include <gmock/gmock.h>

#include <cstdio>

#include "base/json.h"
#include "base/value.h"

namespace batuta::server {
namespace {

const std::vector<Column>& Columns() {
  static const auto* const kColumns =
      new std::vector<Column>{{"name", "name"}, {"count", "stats.count"}};
  return *kColumns;
}

std::vector<base::Value> SampleRows() {
  return {*base::ParseJson(R"({"name":"José, \"Pepe\"","stats":{"count":2}})"),
          *base::ParseJson(R"({"name":"a\nb"})")};
}

std::string Printed(std::string_view format) {
  std::FILE* file = std::tmpfile();
  const auto output = Output::Create(format, file);
  EXPECT_TRUE(output.ok());
  output->Rows(Columns(), SampleRows());
  std::string text(static_cast<size_t>(std::ftell(file)), '\0');
  std::rewind(file);
  EXPECT_EQ(std::fread(text.data(), 1, text.size(), file), text.size());
  std::fclose(file);
  return text;
}

TEST(Output, ATableIsAlignedByCharacters) {
  EXPECT_EQ(Printed("table"),
            "name          count\n"
            "José, \"Pepe\"  2\n"
            "a b\n");
}

TEST(Output, WhatACustomerWroteDoesNotMoveTheCursor) {
  std::FILE* file = std::tmpfile();
  const auto output = Output::Create("table", file);
  const auto row = base::ParseJson(R"({"name":"a\u001b[2Jb\u007f\u009bcé"})");
  output->Rows({{"name", "name"}}, {*row});
  output->Object(*row);
  std::string text(static_cast<size_t>(std::ftell(file)), '\0');
  std::rewind(file);
  EXPECT_EQ(std::fread(text.data(), 1, text.size(), file), text.size());
  std::fclose(file);
  EXPECT_EQ(text, "name\na [2Jb  cé\nname  a [2Jb  cé\n");
}

TEST(Output, CsvQuotesWhatNeedsIt) {
  EXPECT_EQ(Printed("csv"), "name,count\r\n\"José, \"\"Pepe\"\"\",2\r\n\"a\nb\",\r\n");
}

TEST(Output, JsonLinesAreTheWholeRows) {
  EXPECT_EQ(Printed("ndjson"),
            "{\"name\":\"José, \\\"Pepe\\\"\",\"stats\":{\"count\":2}}\n{\"name\":\"a\\nb\"}\n");
}

TEST(Output, JsonIsOneDocument) {
  const auto parsed = base::ParseJson(Printed("json"));
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->list().values_size(), 2);
}

TEST(Output, IsJsonLinesWhereNobodyLooks) {
  std::FILE* file = std::tmpfile();
  EXPECT_EQ(Output::Create("", file)->format(), Output::Format::kNdjson);
  std::fclose(file);
}

TEST(Output, AnUnknownFormatNamesThoseThatThereAre) {
  EXPECT_THAT(std::string(Output::Create("xml", stdout).status().message()),
              testing::HasSubstr("table, json, ndjson and csv"));
}

TEST(Output, DeepObjectsBecomeLinesWithPaths) {
  EXPECT_EQ(PrettyJson(*base::ParseJson(R"({"a":{"b":[1,{}]},"c":[]})")),
            "{\n  \"a\": {\n    \"b\": [\n      1,\n      {}\n    ]\n  },\n  \"c\": []\n}\n");
}

}  // namespace
}  // namespace batuta::server

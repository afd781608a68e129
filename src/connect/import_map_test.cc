#include "connect/import_map.h"

#include <gmock/gmock.h>

namespace batuta::connect {
namespace {

using testing::HasSubstr;

const std::vector<std::string>& Header() {
  static const auto* const kHeader = new std::vector<std::string>{"Id", "Name", "When", "Amount"};
  return *kHeader;
}

ImportMap CompileOrDie(std::string_view text) {
  auto map = ImportMap::Compile(text, "map.yaml", Header());
  EXPECT_TRUE(map.ok()) << map.status();
  return *std::move(map);
}

MappedRow MapFields(const ImportMap& map, std::vector<std::string> fields) {
  CsvRow row;
  row.fields = std::move(fields);
  return map.Map(row, "f1le", 7);
}

constexpr std::string_view kMap = R"(
event:
  - {name: Order Cancelled, when: [{column: Name, startsWith: C}]}
  - {name: Order Completed}
userId: ${Id}
timestamp: ${When}
timeZone: Europe/London
properties:
  name: "<${Name}>"
  amount: {column: Amount, as: number}
skip:
  - {column: Name, is: test}
)";

TEST(ImportMap, ARowBecomesACall) {
  const MappedRow mapped =
      MapFields(CompileOrDie(kMap), {"17850", "536365", "2011-07-01 08:26:00", "2.55"});
  EXPECT_EQ(
      mapped.json,
      R"({"type":"track","event":"Order Completed","userId":"17850","messageId":"f1le-7",)"
      R"("timestamp":"2011-07-01T07:26:00Z","properties":{"name":"<536365>","amount":2.55}})");
}

TEST(ImportMap, TheFirstCaseThatFitsNamesTheEvent) {
  const MappedRow mapped = MapFields(CompileOrDie(kMap), {"1", "C1", "2011-01-01", "1"});
  EXPECT_THAT(mapped.json, HasSubstr("\"event\":\"Order Cancelled\""));
}

TEST(ImportMap, EmptyFieldsAreLeftOut) {
  const MappedRow mapped = MapFields(CompileOrDie(kMap), {"", "x", "2011-01-01", ""});
  EXPECT_THAT(mapped.json, testing::Not(HasSubstr("userId")));
  EXPECT_THAT(mapped.json, testing::Not(HasSubstr("amount")));
}

TEST(ImportMap, SkippedRowsBecomeNothing) {
  const MappedRow mapped = MapFields(CompileOrDie(kMap), {"1", "test", "nonsense", "1"});
  EXPECT_EQ(mapped.json, "");
  EXPECT_EQ(mapped.problem, "");
}

TEST(ImportMap, WhatARowLacksIsToldByCode) {
  const ImportMap map = CompileOrDie(kMap);
  EXPECT_EQ(MapFields(map, {"1", "x"}).problem, "wrong_columns");
  EXPECT_EQ(MapFields(map, {"1", "x", "yesterday", "1"}).problem, "bad_time");
  EXPECT_EQ(MapFields(map, {"1", "x", "2011-01-01", "much"}).problem, "wrong_type");
  EXPECT_EQ(MapFields(map, {"1", "x", "2011-01-01", "inf"}).problem, "wrong_type");
}

TEST(ImportMap, EveryMistakeIsToldWithItsPlace) {
  const auto map = ImportMap::Compile(
      "event: X\nuserId: ${Idd}\ntimeZone: Nowhere/Land\nproprties: {}\n", "map.yaml", Header());
  ASSERT_FALSE(map.ok());
  const std::string text(map.status().message());
  EXPECT_THAT(text,
              HasSubstr("map.yaml:2:9: the table has no column \"Idd\"; did you mean \"Id\"?"));
  EXPECT_THAT(text, HasSubstr("map.yaml:3:11: there is no such time zone"));
  EXPECT_THAT(text, HasSubstr("map.yaml:4"));
  EXPECT_THAT(text, HasSubstr("did you mean \"properties\"?"));
}

TEST(ImportMap, AMessageIdOfItsOwnIsUsed) {
  const ImportMap map = CompileOrDie("event: X\nuserId: ${Id}\nmessageId: ${Name}-${row}\n");
  EXPECT_THAT(MapFields(map, {"1", "n", "", ""}).json, HasSubstr("\"messageId\":\"n-7\""));
}

}  // namespace
}  // namespace batuta::connect

#include "population/measures.h"

#include <gtest/gtest.h>

#include "population/cut_points.h"

namespace batuta::population {
namespace {

// The cut point p is p; the first 10 begin at 91.
Measures Hundred() {
  auto version = std::make_shared<Version>();
  version->set_people(100);
  for (int p = 1; p <= kPercentiles; ++p) version->add_cuts(p);
  Top& top = *version->add_tops();
  top.set_n(10);
  top.set_value(91);
  top.set_people(10);
  return {{"spend", version}};
}

class MeasuresTest : public testing::Test {
 protected:
  MeasuresTest() { scratch_.Start(1000); }
  expr::Value Row(std::string_view name, const std::string& key) {
    return Find(measures_, name, key, scratch_);
  }
  Measures measures_ = Hundred();
  expr::Scratch scratch_;
};

TEST_F(MeasuresTest, SayWhereAValueStands) {
  const expr::Value row = Row("spend", StandingKey(82.5));
  EXPECT_EQ(row.Field("percentile").AsDouble(), 83);
  EXPECT_EQ(row.Field("quintile").AsDouble(), 5);
}

TEST_F(MeasuresTest, SayWhoIsAmongTheFirst) {
  EXPECT_TRUE(Row("spend", TopKey(91, 10)).Field("top").AsBool());
  EXPECT_FALSE(Row("spend", TopKey(90.5, 10)).Field("top").AsBool());
  EXPECT_EQ(Row("spend", TopKey(90.5, 10)).Field("value").AsDouble(), 91);
}

TEST_F(MeasuresTest, WhatWasNotMeasuredIsEmpty) {
  EXPECT_EQ(Row("age", StandingKey(1)).size(), 0u);
  EXPECT_EQ(Row("spend", TopKey(91, 11)).size(), 0u);
  EXPECT_EQ(Row("spend", "much").size(), 0u);
  measures_ = {{"spend", std::make_shared<Version>()}};
  EXPECT_EQ(Row("spend", StandingKey(1)).size(), 0u) << "nobody counted";
}

TEST(MeasureTables, HaveNamesThatNoTableCanHave) {
  EXPECT_EQ(PopulationOf(TableOf("spend")), "spend");
  EXPECT_EQ(PopulationOf("products"), std::nullopt);
  EXPECT_EQ(PopulationOf("segment/vip"), std::nullopt);
}

}  // namespace
}  // namespace batuta::population

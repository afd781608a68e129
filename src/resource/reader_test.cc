#include "resource/reader.h"

#include <gtest/gtest.h>

#include "resource/yaml.h"

namespace batuta::resource {
namespace {

class ReaderTest : public testing::Test {
 protected:
  const base::Value value_ = *ParseValue(
                                  "{text: a, number: 1.5, whole: 7, yes: true, none: null, money: "
                                  "{amount: \"12.30\", currency: "
                                  "MXN}, span: 1d12h, time: 2026-01-02T03:04:05Z, names: [a, b], "
                                  "objects: [{n: 1}, {n: 2}], "
                                  "mixed: [1, a], object: {inner: x}}",
                                  "", Format::kYaml)
                                  .value;
  const Reader reader_{value_.object()};
};

TEST_F(ReaderTest, ReadsEveryType) {
  EXPECT_EQ(reader_.Text("text"), "a");
  EXPECT_EQ(reader_.Number("number"), 1.5);
  EXPECT_EQ(reader_.Integer("whole"), 7);
  EXPECT_TRUE(reader_.Bool("yes"));
  EXPECT_EQ(reader_.MoneyField("money").micros, 12'300'000);
  EXPECT_EQ(base::FormatCurrency(reader_.MoneyField("money").currency), "MXN");
  EXPECT_EQ(reader_.DurationField("span"), base::Hours(36));
  EXPECT_EQ(base::FormatRfc3339(reader_.TimeField("time")), "2026-01-02T03:04:05Z");
  EXPECT_EQ(reader_.Texts("names"), (std::vector<std::string>{"a", "b"}));
  ASSERT_EQ(reader_.Objects("objects").size(), 2u);
  EXPECT_EQ(reader_.Objects("objects")[1].Integer("n"), 2);
  EXPECT_EQ(reader_.Values("mixed").size(), 2u);
  EXPECT_EQ(reader_.Object("object").Text("inner"), "x");
}

TEST_F(ReaderTest, AbsentAndEmptyMembersGiveTheFallback) {
  for (const std::string name : {"absent", "none"}) {
    EXPECT_FALSE(reader_.Has(name));
    EXPECT_EQ(reader_.Text(name, "x"), "x");
    EXPECT_EQ(reader_.Number(name, 2.5), 2.5);
    EXPECT_EQ(reader_.Integer(name, 3), 3);
    EXPECT_TRUE(reader_.Bool(name, true));
    EXPECT_EQ(reader_.MoneyField(name).micros, 0);
    EXPECT_EQ(reader_.DurationField(name, base::Days(7)), base::Days(7));
    EXPECT_EQ(reader_.TimeField(name, base::kDistantFuture), base::kDistantFuture);
    EXPECT_TRUE(reader_.Texts(name).empty());
    EXPECT_TRUE(reader_.Objects(name).empty());
    EXPECT_EQ(reader_.Object(name).Text("inner", "y"), "y");
  }
}

using ReaderDeathTest = ReaderTest;

TEST_F(ReaderDeathTest, AnotherTypeIsABug) {
  EXPECT_DEATH(reader_.Text("number"), "\"number\" is of another type");
  EXPECT_DEATH(reader_.DurationField("text"), "\"text\"");
}

}  // namespace
}  // namespace batuta::resource

#include "api/object_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"

namespace batuta::api {
namespace {

base::Value Json(std::string_view text) { return *base::ParseJson(text); }

TEST(ObjectReader, FindsEveryErrorAtOnceWithItsPointer) {
  std::vector<http::ProblemError> errors;
  const base::Value value = Json(R"({"a/b":1,"number":"x","flag":0,"kind":"q","list":[1]})");
  ObjectReader reader(value, "/outer", errors);
  EXPECT_EQ(reader.Text("name", Need::kRequired), "");
  EXPECT_EQ(reader.Integer("number", 0, 9), std::nullopt);
  EXPECT_FALSE(reader.Bool("flag"));
  EXPECT_EQ(reader.Choice("kind", {"x", "y"}), "");
  EXPECT_TRUE(reader.Texts("list").empty());
  reader.Finish();
  std::vector<std::string> seen;
  for (const http::ProblemError& error : errors) seen.push_back(error.pointer + " " + error.code);
  EXPECT_THAT(seen, testing::ElementsAre("/outer/name missing", "/outer/number out_of_range",
                                         "/outer/flag wrong_type", "/outer/kind unknown_value",
                                         "/outer/list wrong_type", "/outer/a~1b unknown_field"));
}

TEST(ObjectReader, TakesNullForAbsent) {
  std::vector<http::ProblemError> errors;
  const base::Value value = Json(R"({"a":null,"b":null})");
  ObjectReader reader(value, "", errors);
  EXPECT_EQ(reader.Text("a"), "");
  EXPECT_EQ(reader.Object("b"), nullptr);
  reader.Finish();
  EXPECT_TRUE(errors.empty());
}

TEST(ObjectReader, SaysWhenThereIsNoObject) {
  std::vector<http::ProblemError> errors;
  const base::Value value = Json("[1]");
  ObjectReader reader(value, "", errors);
  reader.Text("a", Need::kRequired);
  reader.Finish();
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].code, "wrong_type");
}

}  // namespace
}  // namespace batuta::api

#include "connect/split_batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace batuta::connect {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(SplitBatch, EachEventIsWhatStandsBetweenTheCommasOfTheList) {
  const auto split =
      Split(R"( {"sentAt": "x", "batch" : [ {"a": [1, 2]} ,NaN, "b,]\"" ],"k":[]} )");
  ASSERT_TRUE(split.has_value());
  EXPECT_THAT(split->events, ElementsAre(R"({"a": [1, 2]})", "NaN", R"("b,]\"")"));
  EXPECT_EQ(split->envelope, R"( {"sentAt": "x", "batch" : [],"k":[]} )");
}

TEST(SplitBatch, AnEmptyListHasNoEventsAndAMissingOneIsAnEvent) {
  EXPECT_THAT(Split(R"({"batch":[ ]})")->events, IsEmpty());
  EXPECT_THAT(Split(R"({"batch":[1,]})")->events, ElementsAre("1", ""));
}

TEST(SplitBatch, OnlyTheListOfTheBodyItselfCounts) {
  EXPECT_THAT(Split(R"({"a":{"batch":[1]},"b":"batch","c":[2],"batch":[3],"batch":[4]})")->events,
              ElementsAre("3"));
  for (const char* body : {"", "[]", "7", R"({"batch":7})", R"({"a":{"batch":[1]}})",
                           R"([{"batch":[1]}])", R"({"batch":{"a":[1]}})"}) {
    EXPECT_FALSE(Split(body).has_value()) << body;
  }
}

TEST(SplitBatch, WhatIsNotClosedCannotBeTakenApart) {
  for (const char* body :
       {R"({"batch":[1)", R"({"batch":[1])", R"({"batch":[1]]})", R"({"batch":[{]}]})",
        R"({"batch":["a]})", R"({"batch":["a\)", R"({"batch":[1}]})", R"({"batch":[1]}})"}) {
    EXPECT_FALSE(Split(body).has_value()) << body;
  }
}

}  // namespace
}  // namespace batuta::connect

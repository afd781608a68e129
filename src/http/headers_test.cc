#include "http/headers.h"

#include <gtest/gtest.h>

#include <utility>

namespace batuta::http {
namespace {

TEST(Headers, NamesAreFoundWhateverTheirCase) {
  Headers headers;
  headers.Add("Content-Type", "text/plain");
  EXPECT_EQ(headers.Get("content-type"), "text/plain");
  EXPECT_TRUE(headers.Has("CONTENT-TYPE"));
  EXPECT_FALSE(headers.Has("content-typ"));
  EXPECT_EQ(headers.Get("x-absent"), "");
}

TEST(Headers, SetReplacesEveryFieldOfTheName) {
  Headers headers;
  headers.Add("a", "1");
  headers.Add("b", "2");
  headers.Add("A", "3");
  headers.Set("a", "4");
  ASSERT_EQ(headers.size(), 2u);
  EXPECT_EQ(headers.name(0), "b");
  EXPECT_EQ(headers.value(1), "4");
}

TEST(Headers, ValuesCannotStartAnotherHeader) {
  Headers headers;
  headers.Add("location", "/a\r\nset-cookie: x=1");
  EXPECT_EQ(headers.Get("location"), "/a  set-cookie: x=1");
}

TEST(Headers, SurviveAMove) {
  Headers headers;
  headers.Add("x", "y");
  const Headers moved = std::move(headers);
  EXPECT_EQ(moved.Get("x"), "y");
}

TEST(Headers, ListHoldsFindsWholeTokens) {
  EXPECT_TRUE(ListHolds("keep-alive, Close", "close"));
  EXPECT_FALSE(ListHolds("closed, not-close", "close"));
  EXPECT_FALSE(ListHolds("", "close"));
}

}  // namespace
}  // namespace batuta::http

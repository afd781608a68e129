#include "http/target.h"

#include <gtest/gtest.h>

namespace batuta::http {
namespace {

RequestHead Parsed(std::string_view target) {
  RequestHead head;
  head.target = target;
  EXPECT_TRUE(ParseTarget(&head)) << target;
  return head;
}

bool Parses(std::string_view target) {
  RequestHead head;
  head.target = target;
  return ParseTarget(&head);
}

TEST(Target, PathAndQueryAreDecoded) {
  const RequestHead head = Parsed("/a%20b/c%2Fd?x=1&y=a+b%2B&x=2&flag&=v");
  EXPECT_EQ(head.path, "/a b/c/d");
  EXPECT_EQ(head.RawPath(), "/a%20b/c%2Fd");
  ASSERT_EQ(head.query.size(), 5u);
  EXPECT_EQ(head.Query("x"), "1");
  EXPECT_EQ(head.Query("y"), "a b+");
  EXPECT_EQ(head.Query("flag"), "");
  EXPECT_EQ(head.query[2].value, "2");
  EXPECT_FALSE(head.Query("z").has_value());
}

TEST(Target, PlusInAPathIsAPlus) { EXPECT_EQ(Parsed("/a+b").path, "/a+b"); }

TEST(Target, AbsoluteFormGivesThePath) {
  EXPECT_EQ(Parsed("http://host:80/a?b=c").path, "/a");
  EXPECT_EQ(Parsed("http://host?b=c").path, "/");
  EXPECT_EQ(Parsed("HTTP://host").path, "/");
}

TEST(Target, BrokenOnesAreRefused) {
  for (const char* bad : {"/%", "/%4", "/%zz", "/%00", "a/b", "host:80", "/a#b", "/?x=%f", ""}) {
    EXPECT_FALSE(Parses(bad)) << bad;
  }
}

TEST(Target, EncodingIsUndoneByDecoding) {
  std::string every;
  for (int c = 0; c < 256; ++c) every.push_back(static_cast<char>(c));
  EXPECT_EQ(PercentDecode(PercentEncode(every)), every);
  EXPECT_EQ(PercentEncode("a/b:c@d"), "a%2Fb%3Ac%40d");
}

}  // namespace
}  // namespace batuta::http

#include "http/inflater.h"

#include <gtest/gtest.h>

#include <cstdint>

#include "http/compress_for_test.h"
#include "http/message.h"

namespace batuta::http {
namespace {

using Result = Inflater::Result;

TEST(Inflater, UndoesEveryKindWithOneInflater) {
  std::string text(100'000, 'a');
  text += "the end";
  Inflater inflater;
  std::string decoded;
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(inflater.Decode(Coding::kGzip, GzipOf(text), 1 << 20, &decoded), Result::kDone);
    EXPECT_EQ(decoded, text);
    EXPECT_GE(decoded.capacity(), decoded.size() + kBodyPadding);
    EXPECT_EQ(inflater.Decode(Coding::kDeflate, ZlibOf(text), 1 << 20, &decoded), Result::kDone);
    EXPECT_EQ(decoded, text);
    EXPECT_EQ(inflater.Decode(Coding::kDeflate, RawDeflateOf(text), 1 << 20, &decoded),
              Result::kDone);
    EXPECT_EQ(decoded, text);
  }
}

TEST(Inflater, JoinsTheMembersOfGzip) {
  Inflater inflater;
  std::string decoded;
  EXPECT_EQ(inflater.Decode(Coding::kGzip, GzipOf("ab") + GzipOf("") + GzipOf("cd"), 100, &decoded),
            Result::kDone);
  EXPECT_EQ(decoded, "abcd");
}

TEST(Inflater, TheLimitIsExact) {
  const std::string body = GzipOf(std::string(1000, 'x'));
  Inflater inflater;
  std::string decoded;
  EXPECT_EQ(inflater.Decode(Coding::kGzip, body, 1000, &decoded), Result::kDone);
  EXPECT_EQ(inflater.Decode(Coding::kGzip, body, 999, &decoded), Result::kTooLarge);
  EXPECT_EQ(inflater.Decode(Coding::kGzip, body + body, 1999, &decoded), Result::kTooLarge);
}

TEST(Inflater, TheLimitMayBeTheLargestNumber) {
  Inflater inflater;
  std::string decoded;
  EXPECT_EQ(inflater.Decode(Coding::kGzip, GzipOf("abc"), SIZE_MAX, &decoded), Result::kDone);
  EXPECT_EQ(decoded, "abc");
}

TEST(Inflater, ABombStopsAtTheLimit) {
  const std::string bomb = GzipOf(std::string(64 << 20, '\0'));
  Inflater inflater;
  std::string decoded;
  EXPECT_EQ(inflater.Decode(Coding::kGzip, bomb, 1 << 20, &decoded), Result::kTooLarge);
  EXPECT_LE(decoded.capacity(), 3u << 20);
}

TEST(Inflater, DamageIsNoticed) {
  const std::string body = GzipOf("hello, hello, hello");
  Inflater inflater;
  std::string decoded;
  for (size_t size = 0; size < body.size(); ++size) {
    EXPECT_EQ(inflater.Decode(Coding::kGzip, body.substr(0, size), 100, &decoded), Result::kBroken);
  }
  EXPECT_EQ(inflater.Decode(Coding::kGzip, body + "x", 100, &decoded), Result::kBroken);
  EXPECT_EQ(inflater.Decode(Coding::kDeflate, ZlibOf("a") + "x", 100, &decoded), Result::kBroken);
  std::string wrong_sum = body;
  wrong_sum[wrong_sum.size() - 8] ^= 1;
  EXPECT_EQ(inflater.Decode(Coding::kGzip, wrong_sum, 100, &decoded), Result::kBroken);
}

TEST(Inflater, GzipIsKnownByItsFirstBytes) {
  EXPECT_TRUE(LooksLikeGzip(GzipOf("")));
  EXPECT_FALSE(LooksLikeGzip("{}"));
  EXPECT_FALSE(LooksLikeGzip("\x1f"));
}

}  // namespace
}  // namespace batuta::http

#include "base/text.h"

#include <gtest/gtest.h>

#include <vector>

namespace batuta::base {
namespace {

TEST(AppendUtf8, WritesEveryLengthAndItsEdges) {
  std::string text;
  for (const uint32_t code : {0x7Fu, 0x80u, 0x7FFu, 0x800u, 0xFFFFu, 0x10000u, 0x10FFFFu}) {
    AppendUtf8(code, text);
  }
  EXPECT_EQ(text, "\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF");
  EXPECT_TRUE(IsValidUtf8(text));
}

TEST(Text, ValidUtf8IsAccepted) {
  for (const char* text :
       {"", "hola", "ñandú", "日本", "😀", "\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80",
        "\xED\x9F\xBF", "\xEE\x80\x80", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(IsValidUtf8(text)) << text;
  }
}

TEST(Text, OverlongSurrogateTruncatedAndTooLargeFormsAreRefused) {
  for (const char* text : {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80",
                           "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF",
                           "\xC3", "\xE6\x97", "\xF0\x9F\x98", "\xC3\x28"}) {
    EXPECT_FALSE(IsValidUtf8(text));
  }
  EXPECT_EQ(ValidUtf8Prefix("año\xFF"), 4U);
}

TEST(Text, EveryTwoByteSequenceIsJudgedByItsLeadAndTail) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string text = {static_cast<char>(first), static_cast<char>(second)};
      const bool two_ascii = first < 0x80 && second < 0x80;
      const bool one_pair = first >= 0xC2 && first <= 0xDF && second >= 0x80 && second <= 0xBF;
      EXPECT_EQ(IsValidUtf8(text), two_ascii || one_pair) << first << " " << second;
    }
  }
}

TEST(Text, CaseAndSpacesAreAsciiOnly) {
  EXPECT_EQ(LowerAscii("AZaz09ÑÉ"), "azaz09ÑÉ");
  EXPECT_EQ(TrimAscii(" \t\r\n hola \v\f"), "hola");
  EXPECT_EQ(TrimAscii("   "), "");
  EXPECT_EQ(TrimAscii("\xC2\xA0x"), "\xC2\xA0x");
}

TEST(Text, SuggestFindsTheNearestWord) {
  const std::vector<std::string> known = {"survivorship", "trust", "type", "description"};
  EXPECT_EQ(Suggest("survivorshp", known), "survivorship");
  EXPECT_EQ(Suggest("tpye", known), "type");
  EXPECT_EQ(Suggest("TRUST", known), "trust");
  EXPECT_EQ(Suggest("truts", known), "trust");
}

TEST(Text, SuggestSaysNothingWhenNoWordIsNear) {
  EXPECT_EQ(Suggest("colour", {"trust", "type"}), "");
  EXPECT_EQ(Suggest("x", {"y"}), "");
  EXPECT_EQ(Suggest("", {}), "");
  EXPECT_EQ(Suggest(std::string(100'000, 'a'), {"type"}), "");
}

TEST(Text, OfEquallyNearWordsTheFirstIsSuggested) {
  EXPECT_EQ(Suggest("cart", {"cars", "card"}), "cars");
  EXPECT_EQ(Suggest("cart", {"card", "cars"}), "card");
}

TEST(Text, StrCatTakesEitherView) {
  EXPECT_EQ(StrCat(std::string_view("a"), AbslView("b"), 3, std::string("c")), "ab3c");
  EXPECT_EQ(StdView(AbslView("x")), "x");
}

}  // namespace
}  // namespace batuta::base

#include "http/chunk_decoder.h"

#include <gtest/gtest.h>

namespace batuta::http {
namespace {

using State = ChunkDecoder::State;

TEST(ChunkDecoder, JoinsChunksHoweverTheBytesArrive) {
  const std::string text = "4\r\nWiki\r\n00A\r\npedia in \n\r\n0\r\nTrailer: x\r\n\r\nnext";
  for (size_t step = 1; step <= text.size(); ++step) {
    ChunkDecoder decoder;
    std::string body;
    State state = State::kMore;
    size_t at = 0;
    while (state == State::kMore && at < text.size()) {
      size_t used = 0;
      state = decoder.Decode(std::string_view(text).substr(at, step), &body, &used);
      at += used;
    }
    EXPECT_EQ(state, State::kDone) << step;
    EXPECT_EQ(body, "Wikipedia in \n");
    EXPECT_EQ(text.substr(at), "next");
  }
}

TEST(ChunkDecoder, AnythingOutOfOrderIsBad) {
  for (const char* text :
       {"\r\n", "x\r\n", "-1\r\n", "+1\r\n", " 1\r\n", "1 \r\na", "1;ext=1\r\na\r\n", "1\na\r\n",
        "1\r\na\n", "1\r\nab\r\n", "123456789\r\n", "0x1\r\n", "1\r\r\n", "0\r\nbad\x01\r\n\r\n",
        "0\r\n\rx", "0\r\na\nb"}) {
    ChunkDecoder decoder;
    std::string body;
    size_t used = 0;
    EXPECT_EQ(decoder.Decode(text, &body, &used), State::kBad) << text;
  }
}

TEST(ChunkDecoder, AnnouncesAChunkBeforeItIsHere) {
  ChunkDecoder decoder;
  std::string body;
  size_t used = 0;
  EXPECT_EQ(decoder.Decode("ffffffff\r\nab", &body, &used), State::kMore);
  EXPECT_EQ(decoder.announced(), 0xffffffffu - 2);
}

TEST(ChunkDecoder, TrailersHaveALimit) {
  ChunkDecoder decoder;
  std::string body;
  size_t used = 0;
  EXPECT_EQ(decoder.Decode("0\r\na: " + std::string(9000, 'x'), &body, &used), State::kBad);
}

}  // namespace
}  // namespace batuta::http

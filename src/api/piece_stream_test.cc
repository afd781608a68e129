#include "api/piece_stream.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace batuta::api {
namespace {

// Gives what the test tells it to, when it tells it.
struct Maker {
  PieceDone done;
  int asked = 0;
  http::BodyStream Stream() {
    return StreamOf([this](PieceDone next) {
      ++asked;
      done = std::move(next);
    });
  }
  void Give(std::string bytes, bool more = true) {
    const PieceDone now = std::exchange(done, nullptr);
    now(Piece{std::move(bytes), more});
  }
};

TEST(PieceStream, GivesWhatComesInItsOrder) {
  Maker maker;
  const http::BodyStream stream = maker.Stream();
  std::string body;
  EXPECT_EQ(maker.asked, 0) << "before anybody pulls nothing is made";
  EXPECT_TRUE(*stream(&body));
  EXPECT_EQ(body, "");
  maker.Give("a");
  maker.Give("");
  maker.Give("b", /*more=*/false);
  EXPECT_FALSE(*stream(&body));
  EXPECT_EQ(body, "ab");
  EXPECT_EQ(maker.asked, 3);
}

TEST(PieceStream, MakesNothingWhileMuchWaitsToBeSent) {
  Maker maker;
  const http::BodyStream stream = maker.Stream();
  std::string body;
  EXPECT_TRUE(*stream(&body));
  maker.Give(std::string(kAheadBytes, 'x'));
  EXPECT_EQ(maker.done, nullptr);
  EXPECT_TRUE(*stream(&body));
  EXPECT_EQ(body.size(), kAheadBytes);
  EXPECT_NE(maker.done, nullptr);
}

TEST(PieceStream, AsksForNothingMoreWhenTheClientHasGone) {
  Maker maker;
  http::BodyStream stream = maker.Stream();
  std::string body;
  EXPECT_TRUE(*stream(&body));
  stream = nullptr;
  maker.Give("a");
  EXPECT_EQ(maker.asked, 1);
}

TEST(PieceStream, AnErrorIsTheStreams) {
  Maker maker;
  const http::BodyStream stream = maker.Stream();
  std::string body;
  EXPECT_TRUE(*stream(&body));
  maker.done(absl::AbortedError("gone"));
  EXPECT_EQ(stream(&body).status(), absl::AbortedError("gone"));
  EXPECT_EQ(maker.asked, 1);
}

}  // namespace
}  // namespace batuta::api

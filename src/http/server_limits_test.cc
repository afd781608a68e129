// What the server refuses, and that it then says so and closes without a second reading of any
// byte.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <ctime>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/text.h"
#include "http/compress_for_test.h"
#include "http/raw_connection.h"
#include "http/server.h"

namespace batuta::http {
namespace {

class ServerLimits : public ::testing::Test {
 protected:
  void Serve(ServerOptions options, ServerHooks hooks = {}) {
    if (!hooks.handler) {
      hooks.handler = [this](Request&& request, Responder&& responder) {
        ++handled_;
        if (request.path == "/smuggled") smuggled_ = true;
        responder.Send(Response::Text(Status::kOk, request.body));
      };
    }
    // A refused client that runs late still finds its answer.
    if (options.linger == ServerOptions().linger) options.linger = base::Seconds(20);
    auto server = Server::Start(std::move(options), std::move(hooks));
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  uint16_t port() const { return server_->port(); }
  // What the server answers to the beginning of a request once its patience is over. A connection
  // that is closed before it said anything, because this thread ran late, does not count.
  Response AnswerToTheSlow(std::string_view beginning) {
    for (;;) {
      RawConnection connection(port());
      Response response = connection.Ask(beginning);
      if (response.status == kNoAnswer) continue;
      EXPECT_TRUE(connection.Closes());
      return response;
    }
  }
  uint64_t Refused(Refusal refusal) const {
    return server_->Counters().refused[static_cast<size_t>(refusal)];
  }

  std::atomic<int> handled_{0};
  std::atomic<bool> smuggled_{false};
  std::unique_ptr<Server> server_;
};

TEST_F(ServerLimits, BodiesAboveTheLimitAre413) {
  Serve({.max_body_bytes = 1000});
  RawConnection fits(port());
  EXPECT_EQ(fits.Ask(PostOf("/", std::string(1000, 'x'))).status, Status::kOk);
  RawConnection announced(port());
  EXPECT_EQ(announced.Ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n").status,
            Status::kContentTooLarge);
  EXPECT_TRUE(announced.Closes());
  RawConnection told(port());
  EXPECT_THAT(told.Ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n").body,
              testing::HasSubstr("at most 1000 bytes"));
  const std::string chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  RawConnection one_chunk(port());
  EXPECT_EQ(one_chunk.Ask(chunked + "3e9\r\n").status, Status::kContentTooLarge);
  EXPECT_TRUE(one_chunk.Closes());
  EXPECT_EQ(Refused(Refusal::kBodyTooLarge), 3u);
  EXPECT_EQ(handled_, 1);
}

TEST_F(ServerLimits, APathMayHaveALimitOfItsOwn) {
  Serve({.max_body_bytes = 10},
        {.handler = [](Request&&, Responder&& responder) { responder.Send(Response()); },
         .admission = nullptr,
         .body_limit = [](std::string_view path) -> std::optional<size_t> {
           if (path == "/import") return 100'000;
           return std::nullopt;
         }});
  const std::string body(50'000, 'x');
  EXPECT_EQ(RawConnection(port()).Ask(PostOf("/import", body)).status, Status::kOk);
  EXPECT_EQ(RawConnection(port()).Ask(PostOf("/other", body)).status, Status::kContentTooLarge);
  const std::string gzip = "Content-Encoding: gzip\r\n";
  const std::string packed = GzipOf(std::string(100'001, 'x'));
  EXPECT_EQ(RawConnection(port()).Ask(PostOf("/import", packed, gzip)).status,
            Status::kContentTooLarge)
      << "decompressed it is one byte too large";
}

TEST_F(ServerLimits, ALargeRefusedBodyStillGetsItsAnswer) {
  Serve({.max_body_bytes = 1000});
  RawConnection connection(port());
  std::thread writer([&] { connection.Say(PostOf("/", std::string(8 << 20, 'x'))); });
  EXPECT_EQ(connection.Answer().status, Status::kContentTooLarge);
  writer.join();
  EXPECT_EQ(handled_, 0);
}

TEST_F(ServerLimits, HeadsAboveTheLimitAre431) {
  Serve({});
  const std::string large = GetOf("/", base::StrCat("X: ", std::string(17 << 10, 'x'), "\r\n"));
  EXPECT_EQ(RawConnection(port()).Ask(large).status, Status::kHeaderFieldsTooLarge);
  RawConnection endless(port());
  std::thread writer([&] { endless.Say("GET / HTTP/1.1\r\nX: " + std::string(10 << 20, 'x')); });
  EXPECT_EQ(endless.Answer().status, Status::kHeaderFieldsTooLarge);
  writer.join();
  EXPECT_EQ(Refused(Refusal::kHeadTooLarge), 2u);
  EXPECT_EQ(handled_, 0);
}

TEST_F(ServerLimits, BombsAndDamagedCodingsAreRefused) {
  Serve({.max_body_bytes = 1 << 20});
  const std::string gzip = "Content-Encoding: gzip\r\n";
  const auto status = [&](const std::string& fields, const std::string& body) {
    return RawConnection(port()).Ask(PostOf("/", body, fields)).status;
  };
  const std::string bomb = GzipOf(std::string(200 << 20, 'x'));
  const std::clock_t start = std::clock();  // time of the processor, which others do not use up
  EXPECT_EQ(status(gzip, bomb), Status::kContentTooLarge);
  EXPECT_EQ(status("", bomb), Status::kContentTooLarge);
  EXPECT_LT(std::clock() - start, 5 * CLOCKS_PER_SEC);
  EXPECT_EQ(status(gzip, "not gzip"), Status::kBadRequest);
  const Response broken = RawConnection(port()).Ask(PostOf("/", "not gzip", gzip));
  EXPECT_EQ(broken.headers.Get("x-trace-id").size(), 32u);
  EXPECT_THAT(broken.body, testing::HasSubstr("\"traceId\""));
  EXPECT_EQ(status(gzip, GzipOf("cut").substr(0, 12)), Status::kBadRequest);
  EXPECT_EQ(status("Content-Encoding: br\r\n", "x"), Status::kUnsupportedMediaType);
  EXPECT_EQ(status("Content-Encoding: gzip, gzip\r\n", "x"), Status::kUnsupportedMediaType);
  EXPECT_EQ(status("Content-Encoding: gzip\r\nContent-Encoding: gzip\r\n", GzipOf(GzipOf("x"))),
            Status::kUnsupportedMediaType);
  EXPECT_EQ(handled_, 0);
}

TEST_F(ServerLimits, SlowHeadsAndBodiesAre408) {
  Serve({.header_timeout = base::Millis(60), .body_timeout = base::Millis(60)});
  EXPECT_EQ(AnswerToTheSlow("GET / HT").status, Status::kRequestTimeout);
  EXPECT_EQ(AnswerToTheSlow("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab").status,
            Status::kRequestTimeout);
  EXPECT_EQ(Refused(Refusal::kTooSlow), 2u);
}

TEST_F(ServerLimits, DrippingBytesDoesNotBuyTime) {
  Serve({.header_timeout = base::Millis(60)});
  Status status = kNoAnswer;
  while (status == kNoAnswer) {  // closed before the first drop, because this thread ran late
    RawConnection connection(port());
    std::atomic<bool> done{false};
    std::thread dripper([&] {
      while (!done) {
        connection.Say("x");
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
    });
    status = connection.Answer().status;
    done = true;
    dripper.join();
  }
  EXPECT_EQ(status, Status::kRequestTimeout);
}

TEST_F(ServerLimits, ConnectionsThatNeverSayAnythingAreClosed) {
  Serve({.header_timeout = base::Millis(60)});
  EXPECT_TRUE(RawConnection(port()).Closes());
}

TEST_F(ServerLimits, IdleConnectionsAreClosed) {
  Serve({.header_timeout = base::Seconds(60), .idle_timeout = base::Millis(60)});
  RawConnection kept(port());
  EXPECT_EQ(kept.Ask(GetOf("/")).status, Status::kOk);
  EXPECT_TRUE(kept.Closes());
}

TEST_F(ServerLimits, AClientThatDoesNotReadIsCut) {
  Serve({.write_timeout = base::Millis(60)},
        {.handler =
             [](Request&&, Responder&& responder) {
               responder.Send(Response::Text(Status::kOk, std::string(64 << 20, 'x')));
             },
         .admission = nullptr,
         .body_limit = nullptr});
  RawConnection connection(port());
  connection.Say(GetOf("/"));
  while (Refused(Refusal::kTooSlow) == 0) std::this_thread::yield();
  EXPECT_EQ(connection.Answer().status, kNoAnswer);
}

TEST_F(ServerLimits, ConnectionsBeyondTheLimitAreTold) {
  Serve({.max_connections = 2});
  RawConnection first(port());
  RawConnection second(port());
  EXPECT_EQ(first.Ask(GetOf("/")).status, Status::kOk);
  EXPECT_EQ(second.Ask(GetOf("/")).status, Status::kOk);
  RawConnection third(port());
  const Response refused = third.Answer();
  EXPECT_EQ(refused.status, Status::kServiceUnavailable);
  EXPECT_TRUE(refused.headers.Has("retry-after"));
  EXPECT_TRUE(third.Closes());
  first.Leave();
  third.Leave();
  while (server_->Counters().connections_open > 1) std::this_thread::yield();
  EXPECT_EQ(RawConnection(port()).Ask(GetOf("/")).status, Status::kOk);
}

TEST_F(ServerLimits, BytesUnderWayAreBounded) {
  Serve({.max_body_bytes = 1 << 20, .max_buffered_bytes = 100'000});
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n";
  RawConnection connection(port());
  const Response refused = connection.Ask(head + std::string(150'000, 'x'));
  EXPECT_EQ(refused.status, Status::kServiceUnavailable);
  EXPECT_TRUE(refused.headers.Has("retry-after"));
  EXPECT_EQ(RawConnection(port()).Ask(PostOf("/", std::string(90'000, 'x'))).status, Status::kOk);
}

TEST_F(ServerLimits, ARefusedRequestLeavesNoDesync) {
  Serve({}, {.handler =
                 [this](Request&& request, Responder&& responder) {
                   if (request.path == "/smuggled") smuggled_ = true;
                   responder.Send(Response());
                 },
             .admission = [](const RequestHead& head) -> std::optional<Response> {
               if (head.path != "/busy") return std::nullopt;
               Response response = Response::Text(Status::kTooManyRequests, "later");
               response.headers.Add("Retry-After", "1");
               return response;
             },
             .body_limit = nullptr});
  // The whole body is here: it is skipped, and the connection goes on.
  RawConnection whole(port());
  whole.Say(PostOf("/busy", GetOf("/smuggled")) + GetOf("/next"));
  const Response busy = whole.Answer();
  EXPECT_EQ(busy.status, Status::kTooManyRequests);
  EXPECT_EQ(busy.headers.Get("retry-after"), "1");
  EXPECT_EQ(whole.Answer().status, Status::kOk);
  // It is not: the connection closes, and what follows is never read as a request.
  RawConnection part(port());
  EXPECT_EQ(part.Ask("POST /busy HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\n").status,
            Status::kTooManyRequests);
  part.Say(GetOf("/smuggled"));
  EXPECT_TRUE(part.Closes());
  EXPECT_FALSE(smuggled_);
  EXPECT_EQ(Refused(Refusal::kNotAdmitted), 2u);
}

// Two requests in one write, the first of them ambiguous: the second must never be served.
TEST_F(ServerLimits, AmbiguousFramingIsRefusedWithoutDesync) {
  Serve({});
  const std::string post = "POST /first HTTP/1.1\r\nHost: a\r\n";
  const std::string chunked = post + "Transfer-Encoding: chunked\r\n";
  const std::string next = GetOf("/smuggled");
  for (const std::string& attack : {
           chunked + "Content-Length: 4\r\n\r\n0\r\n\r\n",
           post + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           post + "Content-Length: 0\r\nContent-Length: 44\r\n\r\n",
           post + "Content-Length: 0, 44\r\n\r\n",
           post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
           post + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
           post + "Transfer-Encoding:\x0b"
                  "chunked\r\n\r\n0\r\n\r\n",
           post + "X: a\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           post + "X: a\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
           post + std::string("X: a\0b\r\n", 8) + "\r\n",
           chunked + "\r\n0;a=b\r\n\r\n",
           chunked + "\r\n0\n\n",
           chunked + "\r\n1\r\nab\r\n0\r\n\r\n",
           chunked + "\r\n 0\r\n\r\n",
           std::string("GET /first HTTP/1.1\n\n"),
           std::string("POST /first HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
       }) {
    RawConnection connection(port());
    EXPECT_EQ(connection.Ask(attack + next).status, Status::kBadRequest) << attack;
    EXPECT_TRUE(connection.Closes()) << attack;
  }
  EXPECT_FALSE(smuggled_);
  EXPECT_EQ(handled_, 0);
  EXPECT_EQ(Refused(Refusal::kMalformed), 17u);
}

// Damages one valid request: flips, drops, doubles and swaps bytes.
std::string Mutated(std::string text, std::mt19937& random) {
  const auto below = [&](size_t n) { return static_cast<size_t>(random()) % n; };
  const size_t changes = 1 + below(6);
  for (size_t i = 0; i < changes && !text.empty(); ++i) {
    const size_t at = below(text.size());
    switch (below(5)) {
      case 0:
        text[at] = static_cast<char>(random());
        break;
      case 1:
        text.erase(at, 1 + below(8));
        break;
      case 2:
        text.insert(at, text.substr(below(text.size()), below(20)));
        break;
      case 3:
        text.insert(at, 1, "\r\n:; \t\0%"[below(8)]);
        break;
      default:
        std::swap(text[at], text[below(text.size())]);
    }
  }
  return text;
}

// Whatever comes, each answer is 2xx or 4xx/501/505 and the server goes on.
TEST_F(ServerLimits, FiveThousandDamagedRequestsDoNoHarm) {
  Serve({.max_body_bytes = 10'000,
         .header_timeout = base::Seconds(2),
         .body_timeout = base::Seconds(2),
         .linger = base::Millis(50)});
  const std::vector<std::string> seeds = {
      PostOf("/v1/track?x=%20y", "{\"a\":1}", "Content-Type: application/json\r\n"),
      "POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
      PostOf("/g", GzipOf("hello hello hello"), "Content-Encoding: gzip\r\n"),
      PostOf("/z", ZlibOf("hello hello hello"), "Content-Encoding: deflate\r\n"),
      GetOf("http://host/a?b=c", "Connection: keep-alive\r\nExpect: 100-continue\r\n"),
  };
  std::mt19937 random(20261122);
  int refused = 0;
  for (int i = 0; i < 5000; ++i) {
    RawConnection connection(port());
    connection.Say(Mutated(seeds[static_cast<size_t>(i) % seeds.size()], random));
    connection.HalfClose();  // so that an incomplete request ends at once
    for (;;) {
      const Status status = connection.Answer().status;
      if (status == kNoAnswer) break;
      const int code = static_cast<int>(status);
      EXPECT_TRUE(code < 300 || (code >= 400 && code < 500) || code == 501 || code == 505) << code;
      if (code >= 400) ++refused;
    }
  }
  EXPECT_GT(refused, 1000);
  EXPECT_EQ(RawConnection(port()).Ask(GetOf("/")).status, Status::kOk);
  while (server_->Counters().connections_open > 1) std::this_thread::yield();
  EXPECT_EQ(server_->Counters().requests_under_way, 0u);
}

}  // namespace
}  // namespace batuta::http

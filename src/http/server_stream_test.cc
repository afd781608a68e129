#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "base/status.h"
#include "http/raw_connection.h"
#include "http/server.h"

namespace batuta::http {
namespace {

std::unique_ptr<Server> ServeStream(std::function<BodyStream()> make) {
  ServerHooks hooks;
  hooks.handler = [make = std::move(make)](Request&&, Responder&& responder) {
    Response response;
    response.stream = make();
    responder.Send(std::move(response));
  };
  auto server = Server::Start({.stream_poll = base::Millis(5)}, std::move(hooks));
  BATUTA_CHECK_OK(server.status());
  return *std::move(server);
}

// Gives "0,1,2,…" in `pieces` pieces.
BodyStream Counting(int pieces) {
  return [next = 0, pieces](std::string* chunk) mutable {
    chunk->append(std::to_string(next)).append(",");
    return ++next < pieces;
  };
}

TEST(ServerStream, ArrivesWholeAndTheConnectionGoesOn) {
  const auto server = ServeStream([] { return Counting(20'000); });
  RawConnection connection(server->port());
  for (int round = 0; round < 2; ++round) {
    const Response response = connection.Ask(GetOf("/"));
    EXPECT_EQ(response.headers.Get("transfer-encoding"), "chunked");
    EXPECT_TRUE(response.body.ends_with(",19998,19999,"));
  }
}

TEST(ServerStream, OldClientsGetItUntilTheClose) {
  const auto server = ServeStream([] { return Counting(3); });
  RawConnection connection(server->port());
  EXPECT_EQ(connection.Ask("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").body, "0,1,2,");
}

TEST(ServerStream, HeadDoesNotPullIt) {
  std::atomic<int> pulls{0};
  const auto server =
      ServeStream([&pulls] { return [&pulls](std::string*) { return ++pulls < 0; }; });
  RawConnection connection(server->port());
  EXPECT_EQ(connection.Ask("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", Method::kHead).status,
            Status::kOk);
  EXPECT_EQ(pulls, 0);
}

TEST(ServerStream, OneThatHasNothingYetIsAskedAgain) {
  std::atomic<int> pulls{0};
  const auto server = ServeStream([&pulls] {
    return [&pulls](std::string* chunk) {
      if (++pulls < 5) return true;
      chunk->append("late");
      return false;
    };
  });
  EXPECT_EQ(RawConnection(server->port()).Ask(GetOf("/")).body, "late");
  EXPECT_EQ(pulls, 5);
}

TEST(ServerStream, AnErrorCutsItShort) {
  const auto server = ServeStream([] {
    return [first = true](std::string* chunk) mutable -> absl::StatusOr<bool> {
      if (!std::exchange(first, false)) return absl::DataLossError("disk");
      chunk->append(20'000, 'x');
      return true;
    };
  });
  EXPECT_EQ(RawConnection(server->port()).Ask(GetOf("/")).status, kNoAnswer);
  EXPECT_EQ(server->Counters().handler_failures, 1u);
}

// A client that does not read holds the stream back; one that leaves destroys it.
TEST(ServerStream, IsPulledNoFasterThanTheClientReads) {
  std::atomic<int64_t> given{0};
  const auto token = std::make_shared<int>(0);
  const auto server = ServeStream([&given, token] {
    return [&given, token](std::string* chunk) {
      chunk->append(64 << 10, 'x');
      given += 64 << 10;
      return true;
    };
  });
  RawConnection connection(server->port());
  connection.Say(GetOf("/"));
  int64_t read = 0;
  for (int i = 0; i < 50; ++i) read += static_cast<int64_t>(connection.ReadSome().size());
  // When the socket is full the counter stands still.
  int64_t before = -1;
  for (int still = 0; still < 30; ++still) {
    const int64_t now = given;
    if (now != before) still = 0;
    before = now;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_GT(read, 0);
  EXPECT_LT(before - read, 32 << 20);
  connection.Leave();
  while (token.use_count() > 2) std::this_thread::yield();  // the test and the maker hold it
  while (server->Counters().connections_open > 0) std::this_thread::yield();
}

TEST(ServerStream, OneThatWaitsIsDestroyedWhenTheClientLeaves) {
  const auto token = std::make_shared<int>(0);
  const auto server = ServeStream([token] { return [token](std::string*) { return true; }; });
  RawConnection connection(server->port());
  connection.Say(GetOf("/"));
  EXPECT_NE(connection.ReadSome(), "");  // the head
  EXPECT_GT(token.use_count(), 2);
  connection.Leave();
  while (token.use_count() > 2) std::this_thread::yield();  // the test and the maker hold it
}

}  // namespace
}  // namespace batuta::http

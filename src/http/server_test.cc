#include "http/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "base/status.h"
#include "base/text.h"
#include "http/compress_for_test.h"
#include "http/raw_connection.h"

namespace batuta::http {
namespace {

using ::testing::HasSubstr;

std::unique_ptr<Server> Serve(std::function<void(Request&&, Responder&&)> handler,
                              ServerOptions options = {}) {
  auto server = Server::Start(std::move(options), {.handler = std::move(handler)});
  BATUTA_CHECK_OK(server.status());
  return *std::move(server);
}

// Answers with method, path and body.
void Echo(Request&& request, Responder&& responder) {
  EXPECT_GE(request.body.capacity(), request.body.size() + kBodyPadding);
  responder.Send(Response::Text(
      Status::kOk, base::StrCat(MethodName(request.method), " ", request.path, " ", request.body)));
}

// Holds what it was given until the test answers.
struct Held {
  void Take(Responder&& responder) {
    const std::lock_guard lock(mutex);
    responders.push_back(std::move(responder));
    ++count;
  }
  void WaitFor(int wanted) const {
    while (count < wanted) std::this_thread::yield();
  }

  std::mutex mutex;
  std::vector<Responder> responders;
  std::atomic<int> count{0};
};

TEST(Server, KeepsTheConnectionForTheNextRequest) {
  const auto server = Serve(Echo);
  RawConnection connection(server->port());
  EXPECT_EQ(connection.Ask(GetOf("/a%20b")).body, "GET /a b ");
  EXPECT_EQ(connection.Ask(PostOf("/x", "one")).body, "POST /x one");
  EXPECT_EQ(connection.Ask(PostOf("/x", "two")).body, "POST /x two");
  EXPECT_EQ(server->Counters().connections_accepted, 1u);
  EXPECT_EQ(server->Counters().requests_handled, 3u);
  EXPECT_EQ(server->Counters().requests_under_way, 0u);
}

TEST(Server, EveryAnswerCarriesTheSafeHeaders) {
  const auto server = Serve(Echo);
  for (const std::string& request : {GetOf("/"), std::string("nonsense\r\n\r\n")}) {
    const Response response = RawConnection(server->port()).Ask(request);
    EXPECT_EQ(response.headers.Get("x-content-type-options"), "nosniff");
    EXPECT_EQ(response.headers.Get("referrer-policy"), "no-referrer");
    EXPECT_EQ(response.headers.Get("cache-control"), "no-store");
  }
}

TEST(Server, RequestsSayWhereTheyComeFromAndWhen) {
  std::promise<std::pair<std::string, int64_t>> seen;
  const auto server = Serve([&](Request&& request, Responder&& responder) {
    seen.set_value({request.remote_address, request.received.micros});
    responder.Send(Response());
  });
  RawConnection(server->port()).Ask(GetOf("/", "X-Forwarded-For: 8.8.8.8\r\n"));
  const auto [address, received] = seen.get_future().get();
  EXPECT_EQ(address, "127.0.0.1");
  EXPECT_GT(received, 0);
}

TEST(Server, PipelinedRequestsAreAnsweredInOrder) {
  const auto server = Serve(Echo);
  RawConnection connection(server->port());
  std::string all;
  for (int i = 0; i < 500; ++i) all += PostOf(base::StrCat("/", i), std::string(300, 'x'));
  std::thread writer([&] { connection.Say(all); });
  for (int i = 0; i < 500; ++i) {
    ASSERT_THAT(connection.Answer().body, HasSubstr(base::StrCat("POST /", i, " xxx")));
  }
  writer.join();
}

TEST(Server, PipelinedRequestsAnsweredElsewhereKeepTheirOrder) {
  Held held;
  const auto server = Serve([&](Request&& request, Responder&& responder) {
    if (request.path == "/slow") return held.Take(std::move(responder));
    Echo(std::move(request), std::move(responder));
  });
  RawConnection connection(server->port());
  connection.Say(GetOf("/slow") + GetOf("/fast"));
  held.WaitFor(1);
  held.responders[0].Send(Response::Text(Status::kOk, "slow"));
  EXPECT_EQ(connection.Answer().body, "slow");
  EXPECT_EQ(connection.Answer().body, "GET /fast ");
}

TEST(Server, OneEmptyLineBeforeARequestIsOverlooked) {
  const auto server = Serve(Echo);
  RawConnection connection(server->port());
  EXPECT_EQ(connection.Ask("\r\n" + GetOf("/a")).body, "GET /a ");
  EXPECT_EQ(connection.Ask("\r\n\r\n" + GetOf("/a")).status, Status::kBadRequest);
}

TEST(Server, BytesMayArriveOneByOne) {
  const auto server = Serve(Echo);
  RawConnection connection(server->port());
  for (const char c : PostOf("/slow", "body")) connection.Say(std::string_view(&c, 1));
  EXPECT_EQ(connection.Answer().body, "POST /slow body");
}

TEST(Server, ChunkedBodiesAreJoined) {
  const auto server = Serve(Echo);
  RawConnection connection(server->port());
  const std::string head = "POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(connection.Ask(head + "3\r\nabc\r\n2\r\nde\r\n0\r\nX: y\r\n\r\n").body,
            "POST /c abcde");
  EXPECT_EQ(connection.Ask(head + "0\r\n\r\n" + GetOf("/next")).body, "POST /c ");
  EXPECT_EQ(connection.Answer().body, "GET /next ");
}

TEST(Server, LargeBodiesArriveWhole) {
  const auto server = Serve(Echo);
  std::string body;
  for (int i = 0; body.size() < (3u << 20); ++i) body += base::StrCat(i, ",");
  EXPECT_EQ(RawConnection(server->port()).Ask(PostOf("/x", body)).body, "POST /x " + body);
}

TEST(Server, CompressedBodiesAreUndoneWhateverTheirType) {
  const auto server = Serve(Echo);
  const std::string odd = "Content-Type: application/x-www-form-urlencoded\r\n";
  RawConnection connection(server->port());
  for (const auto& [fields, body] : std::vector<std::pair<std::string, std::string>>{
           {"Content-Encoding: gzip\r\n", GzipOf("{\"a\":1}")},
           {"Content-Encoding: x-gzip\r\n", GzipOf("{\"a\":1}")},
           {"Content-Encoding: GZIP\r\n" + odd, GzipOf("{\"a\":1}")},
           {odd, GzipOf("{\"a\":1}")},
           {"", GzipOf("{\"a\":1}")},
           {"Content-Encoding: deflate\r\n", ZlibOf("{\"a\":1}")},
           {"Content-Encoding: deflate\r\n", RawDeflateOf("{\"a\":1}")},
           {"Content-Encoding: identity\r\n", "{\"a\":1}"}}) {
    EXPECT_EQ(connection.Ask(PostOf("/x", body, fields)).body, "POST /x {\"a\":1}") << fields;
  }
  EXPECT_EQ(connection.Ask(PostOf("/x", "", "Content-Encoding: gzip\r\n")).body, "POST /x ");
}

TEST(Server, ContinueIsSentOnlyWhenTheBodyIsWanted) {
  auto server =
      Server::Start({}, {.handler = Echo,
                         .admission = [](const RequestHead& head) -> std::optional<Response> {
                           if (head.path == "/in") return std::nullopt;
                           return Response::Text(Status::kUnauthorized, "no");
                         },
                         .body_limit = nullptr});
  ASSERT_TRUE(server.ok());
  const auto head = [](std::string_view path) {
    return base::StrCat(
        "POST ", path, " HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  };
  RawConnection in((*server)->port());
  EXPECT_EQ(in.Ask(head("/in")).status, Status::kContinue);
  EXPECT_EQ(in.Ask("ok").body, "POST /in ok");
  RawConnection out((*server)->port());
  EXPECT_EQ(out.Ask(head("/out")).status, Status::kUnauthorized);
  EXPECT_TRUE(out.Closes());
}

TEST(Server, HeadIsAnsweredWithoutABody) {
  const auto server = Serve(Echo);
  RawConnection connection(server->port());
  const Response response = connection.Ask("HEAD /h HTTP/1.1\r\nHost: a\r\n\r\n", Method::kHead);
  EXPECT_EQ(response.headers.Get("content-length"), "8");
  EXPECT_EQ(connection.Ask(GetOf("/next")).body, "GET /next ");
}

TEST(Server, ClosesWhenAskedTo) {
  const auto server = Serve(Echo);
  RawConnection connection(server->port());
  const Response response = connection.Ask(GetOf("/", "Connection: close\r\n"));
  EXPECT_EQ(response.status, Status::kOk);
  EXPECT_EQ(response.headers.Get("connection"), "close");
  EXPECT_TRUE(connection.Closes());
  RawConnection old(server->port());
  EXPECT_EQ(old.Ask("GET / HTTP/1.0\r\n\r\n").status, Status::kOk);
  EXPECT_TRUE(old.Closes());
}

TEST(Server, AClientThatOnlySendsItsEndIsStillAnswered) {
  const auto server = Serve(Echo);
  RawConnection connection(server->port());
  connection.Say(GetOf("/a") + GetOf("/b"));
  connection.HalfClose();
  EXPECT_EQ(connection.Answer().body, "GET /a ");
  EXPECT_EQ(connection.Answer().body, "GET /b ");
  EXPECT_TRUE(connection.Closes());
}

TEST(Server, AnswersFromOtherThreadsReachTheirConnections) {
  Held held;
  const auto server = Serve(
      [&](Request&&, Responder&& responder) { held.Take(std::move(responder)); }, {.threads = 2});
  std::vector<std::unique_ptr<RawConnection>> connections;
  for (int round = 0; round < 20; ++round) {
    for (size_t i = 0; i < 50; ++i) {
      if (round == 0) connections.push_back(std::make_unique<RawConnection>(server->port()));
      connections[i]->Say(GetOf("/"));
    }
    held.WaitFor((round + 1) * 50);
    std::vector<Responder> responders = std::exchange(held.responders, {});
    for (Responder& responder : responders) responder.Send(Response::Text(Status::kOk, "done"));
    for (const auto& connection : connections) ASSERT_EQ(connection->Answer().body, "done");
  }
  EXPECT_EQ(server->Counters().requests_handled, 1000u);
}

TEST(Server, ADroppedResponderAnswers500) {
  const auto server = Serve(
      [](Request&&, Responder&& responder) { const Responder dropped = std::move(responder); });
  RawConnection connection(server->port());
  const Response response = connection.Ask(GetOf("/"));
  EXPECT_EQ(response.status, Status::kInternalServerError);
  EXPECT_EQ(response.headers.Get("content-type"), "application/problem+json");
  EXPECT_EQ(connection.Ask(GetOf("/")).status, Status::kInternalServerError);
}

TEST(Server, AnExceptionAnswers500AndTellsNothing) {
  const auto server =
      Serve([](Request&&, Responder&&) { throw std::runtime_error("secret /etc/path"); });
  RawConnection connection(server->port());
  const Response response = connection.Ask(GetOf("/"));
  EXPECT_EQ(response.status, Status::kInternalServerError);
  EXPECT_EQ(response.body.find("secret"), std::string::npos);
  EXPECT_EQ(server->Counters().handler_failures, 1u);
}

TEST(Server, AClientThatLeavesCancelsItsRequest) {
  Held held;
  const auto server =
      Serve([&](Request&&, Responder&& responder) { held.Take(std::move(responder)); });
  RawConnection connection(server->port());
  connection.Say(GetOf("/"));
  held.WaitFor(1);
  EXPECT_FALSE(held.responders[0].Cancelled());
  connection.Leave();
  while (!held.responders[0].Cancelled()) std::this_thread::yield();
  held.responders[0].Send(Response());
  while (server->Counters().requests_under_way > 0) std::this_thread::yield();
  while (server->Counters().connections_open > 0) std::this_thread::yield();
}

TEST(Server, StopLetsRequestsUnderWayFinish) {
  Held held;
  const auto server =
      Serve([&](Request&&, Responder&& responder) { held.Take(std::move(responder)); });
  RawConnection busy(server->port());
  RawConnection idle(server->port());
  busy.Say(GetOf("/"));
  held.WaitFor(1);
  std::thread stopper([&] { server->Stop(base::Seconds(20)); });
  EXPECT_TRUE(idle.Closes());
  held.responders[0].Send(Response::Text(Status::kOk, "finished"));
  const Response response = busy.Answer();
  EXPECT_EQ(response.body, "finished");
  EXPECT_EQ(response.headers.Get("connection"), "close");
  busy.Leave();
  stopper.join();
}

TEST(Server, StopCutsWhatIsNotDoneInTime) {
  Held held;
  auto server = Serve([&](Request&&, Responder&& responder) { held.Take(std::move(responder)); });
  RawConnection connection(server->port());
  connection.Say(GetOf("/"));
  held.WaitFor(1);
  server->Stop(base::Millis(10));
  EXPECT_TRUE(connection.Closes());
  EXPECT_TRUE(held.responders[0].Cancelled());
  server.reset();
  held.responders[0].Send(Response());  // a Responder may outlive its server
}

TEST(Server, APortInUseIsAnError) {
  const auto server = Serve(Echo);
  const auto second = Server::Start({.port = server->port()}, {.handler = Echo});
  EXPECT_TRUE(absl::IsUnavailable(second.status()));
  EXPECT_FALSE(Server::Start({.address = "nowhere"}, {.handler = Echo}).ok());
  EXPECT_FALSE(Server::Start({}, {}).ok());
}

}  // namespace
}  // namespace batuta::http

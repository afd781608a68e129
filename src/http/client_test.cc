#include "http/client.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "base/text.h"
#include "http/server.h"

namespace batuta::http {
namespace {

std::unique_ptr<Server> Serve(std::function<void(Request&&, Responder&&)> handler,
                              ServerOptions options = {}) {
  auto server = Server::Start(std::move(options), {.handler = std::move(handler)});
  BATUTA_CHECK_OK(server.status());
  return *std::move(server);
}

void Echo(Request&& request, Responder&& responder) {
  responder.Send(Response::Text(
      Status::kOk, base::StrCat(MethodName(request.method), " ", request.Header("x-name"), " ",
                                request.Header("host"), " ", request.body)));
}

Client ClientOf(const Server& server, ClientOptions options = {}) {
  auto client = Client::Create(base::StrCat("http://localhost:", server.port()), options);
  BATUTA_CHECK_OK(client.status());
  return *std::move(client);
}

// A port that nobody listens on, and that nobody else can take meanwhile.
class DeafPort {
 public:
  DeafPort() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    BATUTA_CHECK(::bind(socket_, generic, size) == 0);
    BATUTA_CHECK(::getsockname(socket_, generic, &size) == 0);
    port_ = ntohs(address.sin_port);
  }
  ~DeafPort() { ::close(socket_); }
  DeafPort(const DeafPort&) = delete;
  DeafPort& operator=(const DeafPort&) = delete;

  uint16_t port() const { return port_; }

 private:
  const int socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
  uint16_t port_ = 0;
};

TEST(Client, SendsAndKeepsItsConnection) {
  const auto server = Serve(Echo);
  Client client = ClientOf(*server);
  ClientRequest request{.method = Method::kPost, .target = "/x", .body = "body"};
  request.headers.Add("X-Name", "me");
  for (int i = 0; i < 3; ++i) {
    const auto response = client.Send(request);
    ASSERT_TRUE(response.ok()) << response.status();
    EXPECT_EQ(response->body, base::StrCat("POST me localhost:", server->port(), " body"));
  }
  EXPECT_TRUE(client.Send({.method = Method::kHead}).ok());
  EXPECT_EQ(client.Send({})->status, Status::kOk);
  EXPECT_EQ(server->Counters().connections_accepted, 1u);
}

TEST(Client, AClosedConnectionIsReplaced) {
  const auto server = Serve([](Request&&, Responder&& responder) {
    Response response = Response::Text(Status::kOk, "x");
    response.headers.Add("Connection", "close");
    responder.Send(std::move(response));
  });
  Client client = ClientOf(*server);
  EXPECT_TRUE(client.Send({.method = Method::kPost}).ok());
  EXPECT_TRUE(client.Send({.method = Method::kPost}).ok());
  EXPECT_EQ(server->Counters().connections_accepted, 2u);
}

TEST(Client, StreamsPieceByPiece) {
  const auto server = Serve([](Request&&, Responder&& responder) {
    Response response;
    response.stream = [left = 100](std::string* chunk) mutable {
      chunk->append(10'000, 'x');
      return --left > 0;
    };
    responder.Send(std::move(response));
  });
  Client client = ClientOf(*server, {.max_response_bytes = 1000});
  size_t size = 0;
  const auto response = client.Stream({}, [&](std::string_view piece) {
    size += piece.size();
    return true;
  });
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(size, 1'000'000u);
  EXPECT_EQ(response->body, "");
  int pieces = 0;
  EXPECT_TRUE(client.Stream({}, [&](std::string_view) { return ++pieces < 2; }).ok());
  EXPECT_EQ(pieces, 2);
  EXPECT_TRUE(absl::IsResourceExhausted(client.Send({}).status()));
}

TEST(Client, WhatIsNoSuccessIsNotTakenForTheBody) {
  const auto server = Serve([](Request&&, Responder&& responder) {
    responder.Send(Response::Text(Status::kNotFound, "nothing here"));
  });
  Client client = ClientOf(*server);
  int pieces = 0;
  const auto response = client.Stream({}, [&](std::string_view) { return ++pieces > 0; });
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->body, "nothing here");
  EXPECT_EQ(pieces, 0);
}

TEST(Client, ErrorsSayWhatHappened) {
  std::vector<Responder> held;
  {
    const auto server = Serve([&](Request&& request, Responder&& responder) {
      if (request.path == "/never") return held.push_back(std::move(responder));
      Response response;
      response.stream = [](std::string* chunk) -> absl::StatusOr<bool> {
        if (chunk->empty()) chunk->append(20'000, 'x');
        return absl::DataLossError("cut");
      };
      responder.Send(std::move(response));
    });
    Client hasty = ClientOf(*server, {.timeout = base::Millis(50)});
    EXPECT_TRUE(absl::IsDeadlineExceeded(hasty.Send({.target = "/never"}).status()));
    Client client = ClientOf(*server);
    EXPECT_TRUE(absl::IsDataLoss(client.Send({.target = "/cut"}).status()));
  }
  const DeafPort deaf;
  auto client = Client::Create(base::StrCat("http://127.0.0.1:", deaf.port()));
  ASSERT_TRUE(client.ok());
  EXPECT_TRUE(absl::IsUnavailable(client->Send({}).status()));
}

TEST(Client, ARefusalIsReadThoughTheBodyWasNot) {
  const auto server = Serve(Echo, {.max_body_bytes = 1000, .linger = base::Seconds(20)});
  Client client = ClientOf(*server);
  const auto response =
      client.Send({.method = Method::kPost, .target = "/", .body = std::string(16 << 20, 'x')});
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->status, Status::kContentTooLarge);
}

TEST(Client, BaseUrlsAreChecked) {
  for (const char* bad : {"", "host", "https://host", "http://", "http://a:0", "http://a:99999",
                          "http://a/path", "http://u@h", "http://a:1x"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(Client::Create(bad).status())) << bad;
  }
  EXPECT_TRUE(Client::Create("http://[::1]:80").ok());
  EXPECT_TRUE(Client::Create("http://host/").ok());
}

TEST(Client, ReachesIpv6) {
  auto server = Server::Start({.address = "::1"}, {.handler = Echo});
  if (!server.ok()) GTEST_SKIP() << "no IPv6 here";
  auto client = Client::Create(base::StrCat("http://[::1]:", (*server)->port()));
  EXPECT_EQ(client->Send({})->status, Status::kOk);
}

}  // namespace
}  // namespace batuta::http

#include "http/server.h"

#include <algorithm>
#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/version.hpp>
#include <chrono>
#include <future>
#include <thread>
#include <utility>
#include <vector>

#include "base/status.h"
#include "base/text.h"
#include "base/thread.h"
#include "http/connection.h"
#include "http/event_loop.h"
#include "http/monotonic.h"
#include "http/problem.h"

static_assert(BOOST_VERSION >= 108100, "older versions of Asio miss what is used here");

namespace batuta::http {
namespace {

namespace asio = boost::asio;
using boost::asio::ip::tcp;

// Connections beyond the limit that are kept for a moment, to be told 503; further ones are just
// closed.
constexpr uint64_t kRefusedConnectionsMax = 64;
constexpr auto kAcceptPause = std::chrono::milliseconds(100);

Response TooManyConnections() {
  return ProblemResponse({.status = Status::kServiceUnavailable,
                          .code = "overloaded",
                          .detail = "There are too many connections.",
                          .retry_after = base::Seconds(2)});
}

// Makes the connection on its own loop's thread.
void Begin(const std::shared_ptr<EventLoop>& loop, tcp::socket socket) {
  ServerSettings& settings = loop->settings();
  boost::system::error_code error;
  const tcp::endpoint remote = socket.remote_endpoint(error);
  if (!error) socket.set_option(tcp::no_delay(true), error);
  if (!error) socket.non_blocking(true, error);
  const uint64_t open = settings.connections_open.load(std::memory_order_relaxed);
  const uint64_t allowed = settings.options.max_connections;
  if (error || open > allowed + kRefusedConnectionsMax) {
    settings.connections_open.fetch_sub(1, std::memory_order_relaxed);
    return;
  }
  auto connection =
      std::make_shared<Connection>(loop, std::move(socket), remote.address().to_string());
  if (open > allowed) {
    connection->StartRefused(Refusal::kTooManyConnections, TooManyConnections());
  } else {
    connection->Start();
  }
}

}  // namespace

struct Server::Impl {
  explicit Impl(std::shared_ptr<ServerSettings> server_settings);

  absl::Status Listen();
  void StartThreads();
  void Accept();
  void OnAccepted(const boost::system::error_code& error, tcp::socket socket);
  void Stop(base::Duration grace);

  std::shared_ptr<ServerSettings> settings;
  std::vector<std::shared_ptr<EventLoop>> loops;
  std::vector<std::thread> threads;
  tcp::acceptor acceptor;  // used on the first loop's thread
  asio::steady_timer pause;
  size_t next = 0;
  std::atomic<uint64_t> accepted{0};
  uint16_t port = 0;
  bool stopped = false;
};

namespace {

std::vector<std::shared_ptr<EventLoop>> MakeLoops(const std::shared_ptr<ServerSettings>& settings) {
  std::vector<std::shared_ptr<EventLoop>> loops;
  for (int i = 0; i < settings->options.threads; ++i) {
    loops.push_back(std::make_shared<EventLoop>(settings));
  }
  return loops;
}

}  // namespace

Server::Impl::Impl(std::shared_ptr<ServerSettings> server_settings)
    : settings(std::move(server_settings)),
      loops(MakeLoops(settings)),
      acceptor(loops[0]->context()),
      pause(loops[0]->context()) {}

absl::Status Server::Impl::Listen() {
  const ServerOptions& options = settings->options;
  boost::system::error_code error;
  const auto address = asio::ip::make_address(options.address, error);
  if (error) {
    return absl::InvalidArgumentError(base::StrCat("not an IP address: ", options.address));
  }
  const tcp::endpoint endpoint(address, options.port);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error && address.is_v6() && address.is_unspecified()) {
    acceptor.set_option(asio::ip::v6_only(false), error);
  }
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (!error) port = acceptor.local_endpoint(error).port();
  if (error) {
    return absl::UnavailableError(base::StrCat("cannot listen on ", options.address, " port ",
                                               options.port, ": ", error.message()));
  }
  return absl::OkStatus();
}

void Server::Impl::StartThreads() {
  asio::post(loops[0]->context(), [this] { Accept(); });
  for (const auto& loop : loops)
    threads.emplace_back([loop] {
      base::NameThread("http");
      base::TakeShortTurns(250);
      loop->Run();
    });
}

void Server::Impl::Accept() {
  if (!acceptor.is_open()) return;
  acceptor.async_accept(loops[next]->context(),
                        [this](const boost::system::error_code& error, tcp::socket socket) {
                          OnAccepted(error, std::move(socket));
                        });
}

void Server::Impl::OnAccepted(const boost::system::error_code& error, tcp::socket socket) {
  if (error == asio::error::operation_aborted || !acceptor.is_open()) return;
  if (error) {
    // Most likely out of file descriptors: those who wait in the backlog get their turn later.
    pause.expires_after(kAcceptPause);
    pause.async_wait([this](const boost::system::error_code& cancelled) {
      if (!cancelled) Accept();
    });
    return;
  }
  accepted.fetch_add(1, std::memory_order_relaxed);
  settings->connections_open.fetch_add(1, std::memory_order_relaxed);
  const std::shared_ptr<EventLoop>& loop = loops[next];
  asio::post(loop->context(),
             [loop, moved = std::move(socket)]() mutable { Begin(loop, std::move(moved)); });
  next = (next + 1) % loops.size();
  Accept();
}

void Server::Impl::Stop(base::Duration grace) {
  if (std::exchange(stopped, true)) return;
  for (const auto& loop : loops) BATUTA_CHECK(!loop->OnOwnThread());
  settings->stopping = true;
  // Nothing is handed to another loop once the acceptor is closed, so draining may begin.
  std::promise<void> closed;
  asio::post(loops[0]->context(), [&] {
    boost::system::error_code ignored;
    acceptor.close(ignored);
    pause.cancel();
    closed.set_value();
  });
  closed.get_future().wait();
  for (const auto& loop : loops) loop->Drain();
  const int64_t deadline = MonotonicNow().micros + grace.micros;
  for (const auto& loop : loops) {
    const int64_t left = std::max<int64_t>(deadline - MonotonicNow().micros, 0);
    loop->WaitUntilEmpty(base::Micros(left));
  }
  for (const auto& loop : loops) loop->Cut();
  for (std::thread& thread : threads) thread.join();
}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(ServerOptions options, ServerHooks hooks) {
  if (!hooks.handler) return absl::InvalidArgumentError("a server needs a handler");
  if (options.threads < 1) return absl::InvalidArgumentError("a server needs a thread");
  auto settings = std::make_shared<ServerSettings>();
  settings->options = std::move(options);
  settings->hooks = std::move(hooks);
  auto impl = std::make_unique<Impl>(std::move(settings));
  BATUTA_RETURN_IF_ERROR(impl->Listen());
  impl->StartThreads();
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() { impl_->Stop({}); }

uint16_t Server::port() const { return impl_->port; }

void Server::Stop(base::Duration grace) { impl_->Stop(grace); }

ServerCounters Server::Counters() const {
  ServerCounters counters;
  counters.connections_open = impl_->settings->connections_open.load(std::memory_order_relaxed);
  counters.connections_accepted = impl_->accepted.load(std::memory_order_relaxed);
  for (const auto& loop : impl_->loops) {
    const LoopTallies& tallies = loop->tallies();
    counters.requests_under_way += tallies.requests_under_way.value();
    counters.requests_handled += tallies.requests_handled.value();
    counters.bytes_in += tallies.bytes_in.value();
    counters.bytes_out += tallies.bytes_out.value();
    counters.handler_failures += tallies.handler_failures.value();
    for (size_t i = 0; i < kRefusals; ++i) counters.refused[i] += tallies.refused[i].value();
  }
  return counters;
}

}  // namespace batuta::http

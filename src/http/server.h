// An HTTP/1.1 server: sockets in, requests out to one handler, answers back in order.
//
// Threads: each of `threads` runs an event loop of its own over the connections given to it in
// turn. The handler and the hooks are called on those threads, concurrently, and must not block; an
// answer given inside the handler goes out without leaving the thread, one given elsewhere is
// handed over, many at a time under load. The requests of a connection are handled one after the
// other.
//
// What is refused without the handler seeing it: malformed or ambiguous framing (400, then close),
// too large (413, 431), too slow (408), unknown codings (415), methods (405, 501), more connections
// or bytes under way than allowed (503). Does not do TLS, HTTP/2, compression of answers, routing
// (router.h) or authentication (the admission hook can).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "base/time.h"
#include "http/message.h"
#include "http/responder.h"
#include "http/server_counters.h"

namespace batuta::http {

struct ServerOptions {
  std::string address = "127.0.0.1";  // an IP address; "::" listens on IPv6 and IPv4
  uint16_t port = 0;                  // 0 picks a free one
  int threads = 1;
  size_t max_connections = 1024;
  size_t max_head_bytes = 16 << 10;  // request line and header fields
  size_t max_body_bytes = 4 << 20;  // as sent and decompressed; per path by ServerHooks::body_limit
  size_t max_buffered_bytes = 256 << 20;  // bodies being read, over all connections
  base::Duration header_timeout = base::Seconds(10);
  base::Duration body_timeout = base::Seconds(30);
  base::Duration idle_timeout = base::Seconds(75);
  base::Duration write_timeout = base::Seconds(30);  // without any progress
  base::Duration linger = base::Seconds(2);  // reading on after a refusal, so that it arrives
  base::Duration stream_poll =
      base::Millis(50);  // how soon a stream that gave nothing is asked again
};

struct ServerHooks {
  std::function<void(Request&&, Responder&&)> handler{};  // required

  // Asked before the body is read, e.g. for 401, 413, 429 or 503 with Retry-After. If it gives an
  // answer, the body is not read and the connection closes after the answer (unless the body is
  // here already).
  std::function<std::optional<Response>(const RequestHead&)> admission{};

  // The largest body accepted for a path, as sent and decompressed, instead of max_body_bytes.
  std::function<std::optional<size_t>(std::string_view path)> body_limit{};
};

class Server {
 public:
  // Listens at once. Unavailable if the address cannot be had.
  static absl::StatusOr<std::unique_ptr<Server>> Start(ServerOptions options, ServerHooks hooks);

  ~Server();  // Stop without grace, if it is still running
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  uint16_t port() const;

  // Stops accepting, closes idle connections, lets requests under way be answered for up to
  // `grace`, then cuts what is left. Returns when all threads have ended. Requires: not called on a
  // server thread.
  void Stop(base::Duration grace);

  // Any thread; the numbers are each right but not taken at one instant.
  ServerCounters Counters() const;

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace batuta::http

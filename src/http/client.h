// A blocking HTTP/1.1 client for plain http://, which keeps its connection for the next request.
//
// For the command line, the simulator and tests. Does not do TLS, redirects, proxies, cookies or
// content codings. One thread at a time per client.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "base/time.h"
#include "http/message.h"

namespace batuta::http {

struct ClientOptions {
  base::Duration connect_timeout = base::Seconds(5);
  base::Duration timeout =
      base::Seconds(30);                 // of a whole exchange; for a stream, between two reads
  size_t max_response_bytes = 64 << 20;  // not counted while streaming
};

struct ClientRequest {
  Method method = Method::kGet;
  std::string target = "/";  // path and query, encoded
  Headers headers{};         // Host and Content-Length are added
  std::string body{};
};

// Takes the next piece of a body; false if it wants no more.
using PieceSink = std::function<bool(std::string_view piece)>;

class Client {
 public:
  // base_url: "http://host" or "http://host:port"; the host by name or address ("[::1]" for IPv6).
  // Connects with the first request.
  static absl::StatusOr<Client> Create(std::string_view base_url, ClientOptions options = {});

  // Moved-to clients take over the kept connection.
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;
  ~Client();

  // Any status of HTTP is a success here. Unavailable: no connection, or it broke;
  // DeadlineExceeded: too slow; DataLoss: the answer is malformed or was cut short;
  // ResourceExhausted: it is too large. A kept connection that turns out to be closed is replaced;
  // the request goes out again only if it was not sent yet or its method may be repeated.
  absl::StatusOr<Response> Send(const ClientRequest& request);

  // Like Send, but gives the body of a success (200 to 299) piece by piece and leaves
  // Response::body empty. If the sink wants no more, the connection is closed and the answer ends
  // there: that is OK.
  absl::StatusOr<Response> Stream(const ClientRequest& request, const PieceSink& on_piece);

  // Ends the kept connection, if any.
  void Close();

 private:
  struct Impl;
  explicit Client(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace batuta::http

#include "http/socket.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "base/status.h"
#include "base/text.h"
#include "http/monotonic.h"

namespace batuta::http {
namespace {

absl::Status Broken(std::string_view what, int error) {
  return absl::UnavailableError(base::StrCat(what, ": ", std::strerror(error)));
}

struct AddressesDeleter {
  void operator()(addrinfo* addresses) const { freeaddrinfo(addresses); }
};
using Addresses = std::unique_ptr<addrinfo, AddressesDeleter>;

absl::StatusOr<Addresses> Resolve(const std::string& host, const std::string& port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), port.c_str(), &hints, &found);
  if (error != 0) {
    return absl::UnavailableError(base::StrCat("cannot find ", host, ": ", gai_strerror(error)));
  }
  return Addresses(found);
}

}  // namespace

Socket::Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

Socket& Socket::operator=(Socket&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

Socket::~Socket() { Close(); }

void Socket::Close() {
  if (descriptor_ >= 0) close(std::exchange(descriptor_, -1));
}

void Socket::EndSending() { shutdown(descriptor_, SHUT_WR); }

absl::StatusOr<Socket> Socket::Connect(const std::string& host, const std::string& port,
                                       base::Duration timeout) {
  const base::Duration deadline = base::Micros(MonotonicNow().micros + timeout.micros);
  BATUTA_ASSIGN_OR_RETURN(const Addresses addresses, Resolve(host, port));
  absl::Status status = absl::UnavailableError(base::StrCat("no address for ", host));
  for (const addrinfo* a = addresses.get(); a != nullptr; a = a->ai_next) {
    Socket attempt(socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!attempt.IsOpen()) {
      status = Broken("cannot open a socket", errno);
      continue;
    }
    const int descriptor = attempt.descriptor_;
    int error = connect(descriptor, a->ai_addr, a->ai_addrlen) == 0 ? 0 : errno;
    if (error == EINPROGRESS) {
      status = attempt.Wait(POLLOUT, deadline);
      if (!status.ok()) continue;
      socklen_t size = sizeof(error);
      getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size);
    }
    if (error == 0) {
      const int on = 1;
      setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
      return attempt;
    }
    status = Broken(base::StrCat("cannot connect to ", host, ":", port), error);
  }
  return status;
}

bool Socket::IsQuiet() const {
  char byte = 0;
  const ssize_t got = recv(descriptor_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

absl::Status Socket::Write(std::string_view data, base::Duration deadline) {
  BATUTA_CHECK(IsOpen());
  while (!data.empty()) {
    const ssize_t sent = send(descriptor_, data.data(), data.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      data.remove_prefix(static_cast<size_t>(sent));
    } else if (errno == EAGAIN) {
      BATUTA_RETURN_IF_ERROR(Wait(POLLOUT, deadline));
    } else if (errno != EINTR) {
      return Broken("the connection broke while sending", errno);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<size_t> Socket::Read(char* data, size_t size, base::Duration deadline) {
  BATUTA_CHECK(IsOpen());
  for (;;) {
    const ssize_t got = recv(descriptor_, data, size, 0);
    if (got >= 0) return static_cast<size_t>(got);
    if (errno == EAGAIN) {
      BATUTA_RETURN_IF_ERROR(Wait(POLLIN, deadline));
    } else if (errno != EINTR) {
      return Broken("the connection broke while receiving", errno);
    }
  }
}

absl::Status Socket::Wait(short events, base::Duration deadline) const {
  for (;;) {
    const int64_t left = (deadline.micros - MonotonicNow().micros + 999) / 1000;
    if (left <= 0) return absl::DeadlineExceededError("the other side took too long");
    pollfd entry{.fd = descriptor_, .events = events, .revents = 0};
    const int ready = poll(&entry, 1, static_cast<int>(std::min<int64_t>(left, 60'000)));
    if (ready > 0) return absl::OkStatus();
    if (ready < 0 && errno != EINTR) return Broken("cannot wait for a socket", errno);
  }
}

}  // namespace batuta::http

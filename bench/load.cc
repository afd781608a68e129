#include "bench/load.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

#include "base/status.h"
#include "base/text.h"
#include "bench/meter.h"

namespace batuta::bench {
namespace {

constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::string_view kLength = "Content-Length: ";

int Connect(uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  BATUTA_CHECK(socket >= 0 && ::connect(socket, reinterpret_cast<const sockaddr*>(&address),
                                        sizeof(address)) == 0);
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  return socket;
}

}  // namespace

Load::Load(uint16_t port, size_t connections) : connections_(connections) {
  epoll_ = epoll_create1(0);
  BATUTA_CHECK(epoll_ >= 0);
  for (size_t i = 0; i < connections; ++i) {
    connections_[i].socket = Connect(port);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = i;
    BATUTA_CHECK(epoll_ctl(epoll_, EPOLL_CTL_ADD, connections_[i].socket, &event) == 0);
    free_.push_back(i);
  }
}

Load::~Load() {
  for (const Connection& connection : connections_) ::close(connection.socket);
  ::close(epoll_);
}

void Load::Send(Connection& connection, const std::string& request) {
  size_t sent = 0;
  while (sent < request.size()) {
    const ssize_t count =
        ::send(connection.socket, request.data() + sent, request.size() - sent, MSG_NOSIGNAL);
    BATUTA_CHECK(count > 0, "the server closed a connection");
    sent += static_cast<size_t>(count);
  }
}

bool Load::Receive(Connection& connection) {
  std::array<char, 16384> bytes;
  const ssize_t count = ::recv(connection.socket, bytes.data(), bytes.size(), 0);
  BATUTA_CHECK(count > 0, "the server closed a connection");
  connection.in.append(bytes.data(), static_cast<size_t>(count));
  const size_t head = connection.in.find(kHeadEnd);
  if (head == std::string::npos) return false;
  const size_t length = connection.in.find(kLength);
  BATUTA_CHECK(length < head, "every answer says how long it is");
  size_t body = 0;
  const char* digits = connection.in.data() + length + kLength.size();
  std::from_chars(digits, connection.in.data() + head, body);
  return connection.in.size() >= head + kHeadEnd.size() + body;
}

void Load::Finish(Connection& connection, LoadResult& result) {
  result.latencies.Add(WallMicros() - connection.since);
  if (connection.in.starts_with("HTTP/1.1 503")) {
    ++result.refused;
  } else if (!connection.in.starts_with("HTTP/1.1 2") && result.failed++ == 0) {
    result.failure = connection.in;
  }
  connection.in.clear();
  connection.since = 0;
}

LoadResult Load::Run(const std::vector<std::string>& requests, double per_second) {
  LoadResult result;
  const int64_t start = WallMicros();
  size_t next = 0;
  while (result.latencies.count() < requests.size()) {
    int64_t wait = 1'000'000;
    while (next < requests.size() && !free_.empty()) {
      const int64_t due =
          per_second == 0
              ? 0
              : start + static_cast<int64_t>(static_cast<double>(next) * 1e6 / per_second);
      const int64_t now = WallMicros();
      wait = due - now;
      if (wait > 0) break;
      Connection& connection = connections_[free_.back()];
      free_.pop_back();
      connection.since = due == 0 ? now : due;
      Send(connection, requests[next++]);
      wait = 1'000'000;
    }
    std::array<epoll_event, 64> events;
    const timespec timeout = {.tv_sec = wait / 1'000'000, .tv_nsec = wait % 1'000'000 * 1000};
    const int ready = epoll_pwait2(epoll_, events.data(), 64, &timeout, nullptr);
    for (int i = 0; i < ready; ++i) {
      const size_t index = events[static_cast<size_t>(i)].data.u64;
      if (!Receive(connections_[index])) continue;
      Finish(connections_[index], result);
      free_.push_back(index);
    }
  }
  result.wall = WallMicros() - start;
  return result;
}

std::string Load::Ask(const std::string& request) {
  Connection& connection = connections_.front();
  Send(connection, request);
  while (!Receive(connection)) {
  }
  return std::exchange(connection.in, {});
}

std::string PostRequest(std::string_view path, std::string_view authorization,
                        std::string_view body, std::string_view type) {
  return base::StrCat("POST ", path, " HTTP/1.1\r\nHost: localhost\r\nContent-Type: ", type,
                      "\r\nAuthorization: ", authorization,
                      "\r\nUser-Agent: analytics-node/2.1.0\r\nAccept: */*\r\nContent-Length: ",
                      body.size(), "\r\n\r\n", body);
}

}  // namespace batuta::bench

// A load generator for HTTP: raw sockets on loopback, one request under way on each connection.
//
// Runs on the calling thread, whose processor time is its own and nobody else's.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/report.h"

namespace batuta::bench {

struct LoadResult {
  Latencies latencies;  // from sending, or from when sending was due
  size_t refused = 0;   // 503: as a client that is told to come back later
  size_t failed = 0;    // answers that are neither 2xx nor 503
  std::string failure;  // the first of them
  int64_t wall = 0;
  double per_second() const {
    return static_cast<double>(latencies.count()) * 1e6 / static_cast<double>(wall);
  }
};

class Load {
 public:
  Load(uint16_t port, size_t connections);
  ~Load();
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  // Sends every request and reads every answer. `per_second` 0: each as soon as a connection is
  // free.
  LoadResult Run(const std::vector<std::string>& requests, double per_second = 0);

  // Sends one request and returns the whole answer.
  std::string Ask(const std::string& request);

 private:
  struct Connection {
    int socket = -1;
    std::string in;
    int64_t since = 0;  // 0: free
  };
  void Send(Connection& connection, const std::string& request);
  // True once the answer is whole.
  static bool Receive(Connection& connection);
  void Finish(Connection& connection, LoadResult& result);

  std::vector<Connection> connections_;
  std::vector<size_t> free_;
  int epoll_ = -1;
};

std::string PostRequest(std::string_view path, std::string_view authorization,
                        std::string_view body, std::string_view type = "application/json");

}  // namespace batuta::bench

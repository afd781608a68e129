// The API of a hub over HTTP in this process, with a company of one placement and twenty actions.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "api/api.h"
#include "base/time.h"
#include "bench/bench_hub.h"
#include "http/server.h"

namespace batuta::bench {

class Site {
 public:
  // Serves at a free port of loopback.
  explicit Site(BenchHub& hub);
  uint16_t port() const { return server_->port(); }
  const std::string& write() const { return write_; }    // what authorises an event
  const std::string& secret() const { return secret_; }  // and anything else
  // Makes or changes resources.
  void Apply(const std::string& yaml);
  void Stop() { server_->Stop(base::Seconds(1)); }

 private:
  std::unique_ptr<api::Api> api_;
  std::unique_ptr<http::Server> server_;
  std::string write_;
  std::string secret_;
};

}  // namespace batuta::bench

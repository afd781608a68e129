// The hub's API as the demo uses it: one connection, keys by source, times taken.
//
// One per thread. Failed requests are counted in the ledger and returned.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/value.pb.h"
#include "http/client.h"
#include "server/demo_ledger.h"

namespace batuta::server {

struct DemoKeys {
  std::string secret;
  // By source; "" is for those that have none of their own.
  std::map<std::string, std::string, std::less<>> write;
};

struct Offered {
  uint32_t slot = 0;
  std::string action;
  std::string title;
};

struct Answer {
  std::string id;
  std::vector<Offered> offers;  // without the slots that hold nothing
  bool is_random_arm = false;
  bool is_held_out = false;  // gets no marketing at all
  std::string reason;
  // Of the first slot; only if the full explanation was asked for.
  std::vector<Admissible> admissible;
  std::optional<size_t> chosen;  // in `admissible`
  bool is_explained = false;
};

// Reads the body of a decision. InvalidArgument if it is none.
absl::StatusOr<Answer> ReadAnswer(std::string_view body);

class DemoApi {
 public:
  static absl::StatusOr<DemoApi> Create(const std::string& url, const DemoKeys& keys,
                                        Ledger& ledger, base::Clock& clock);

  absl::Status SendBatch(std::string_view source, const std::vector<std::string>& calls);
  absl::StatusOr<Answer> Decide(const std::string& body);
  absl::Status Report(const std::string& decision, std::string_view type, uint32_t slot);

 private:
  DemoApi(http::Client client, const DemoKeys& keys, Ledger& ledger, base::Clock& clock)
      : client_(std::move(client)), keys_(&keys), ledger_(&ledger), clock_(&clock) {}
  absl::StatusOr<std::string> Post(const std::string& target, const std::string& authorization,
                                   const std::string& body);

  http::Client client_;
  const DemoKeys* keys_;
  Ledger* ledger_;
  base::Clock* clock_;
};

}  // namespace batuta::server

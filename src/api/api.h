// The HTTP surface of a hub: routes, request and response shapes, keys.
//
// Keeps no state of the hub: it makes records, waits for what the fold answers, and reads what the
// partitions hold. Its handlers run on the server's threads and do not block; answers leave from
// the hub's threads or from a few of its own. Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "engine/runtime_hub.h"
#include "http/server.h"

namespace batuta::api {

struct ApiOptions {
  std::string product = "Batuta";
  std::string version = "0";
  std::string public_url = {};  // "https://hub.example.com"; "": what the Host header says

  size_t body_bytes_max = size_t{8} << 20;  // of any body; each path has a limit of its own, too
  size_t batch_bytes_max = size_t{500} << 10;
  size_t event_bytes_max = size_t{32} << 10;
  size_t import_bytes_max = size_t{4} << 20;
  base::Duration answer_timeout = base::Seconds(10);  // for what the fold has to answer
  base::Duration publish_timeout = base::Seconds(5);  // then 202
  uint64_t events_per_second_per_key = 0;  // 429 beyond it; 0: no limit; a key's own goes first
  size_t background_threads = 2;
  size_t background_waiting_max = 256;
  // What an exact preview keeps in memory of people whose events it reads, about.
  size_t preview_bytes = size_t{128} << 20;
};

struct FirstKeys {
  std::string secret_key;   // with every scope
  std::string write_key;    // of the source "default"
  std::string browser_key;  // the same
};

struct Core;

class Api {
 public:
  // The hub is started, and stopped before the api ends; before that the server is stopped, then
  // the jobs.
  static absl::StatusOr<std::unique_ptr<Api>> Create(engine::Hub& hub, ApiOptions options);
  ~Api();

  http::ServerHooks Hooks();

  // Makes a key of each kind when the hub has none at all yet; the secrets are told here only.
  // FailedPrecondition if there are keys.
  absl::StatusOr<FirstKeys> CreateFirstKeys();

  // From now on /readyz may say "ready": whoever waits for that finds keys and resources in place.
  void EndStart();

  // Cancels the jobs, and returns when they have ended.
  void StopJobs();

  // Where /metrics reads the server's numbers from. To be called before requests come.
  void ShowServerCounters(std::function<http::ServerCounters()> counters);

 private:
  explicit Api(std::unique_ptr<Core> core);

  std::unique_ptr<Core> core_;
};

}  // namespace batuta::api

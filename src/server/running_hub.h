// A hub in this process with its API and HTTP server: opened in order, stopped in the other.
//
// Used by one thread.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "api/api.h"
#include "base/time.h"
#include "engine/runtime_hub.h"
#include "http/server.h"
#include "log/posix_disk.h"
#include "log/system_clock.h"
#include "server/config.h"
#include "server/hub_folder.h"

namespace batuta::server {

class RunningHub {
 public:
  // Takes the folder, opens or makes the hub in it, and answers requests from then on.
  static absl::StatusOr<std::unique_ptr<RunningHub>> Start(const Config& config);
  ~RunningHub();

  // To be called when keys, resources and whatever else belongs to a start are in place.
  void EndStart() { api_->EndStart(); }

  // Lets requests under way be answered for up to `grace`, then applies and keeps everything.
  void Stop(base::Duration grace);

  std::string url() const;
  // Only when this start made the hub's first keys; they are told here once.
  const std::optional<api::FirstKeys>& first_keys() const { return first_keys_; }
  bool is_new() const { return is_new_; }

 private:
  RunningHub() = default;
  absl::Status OpenHub(const Config& config);
  absl::Status MakeFirstKeys(const std::string& folder);
  absl::Status Listen(const Config& config);

  log::PosixDisk disk_;
  log::SystemClock clock_;
  std::unique_ptr<FolderLock> lock_;
  std::unique_ptr<engine::Hub> hub_;
  std::unique_ptr<api::Api> api_;
  std::unique_ptr<http::Server> server_;
  std::atomic<const http::Server*> counted_ = nullptr;  // for /metrics, which may be asked early
  std::optional<api::FirstKeys> first_keys_;
  std::string host_;
  bool is_new_ = false;
};

}  // namespace batuta::server

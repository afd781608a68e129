// The machine's own disk.
//
// Every error names the path. A full disk or an exhausted quota is ResourceExhausted, too many open
// files Unavailable, a missing file NotFound. Interrupted and short calls are continued; a failed
// sync is never repeated. Thread-safe.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/disk.h"

namespace batuta::log {

class PosixDisk final : public base::Disk {
 public:
  absl::StatusOr<std::unique_ptr<base::File>> OpenFile(const std::string& path, Open mode) override;
  absl::Status Rename(const std::string& from, const std::string& to) override;
  absl::Status Remove(const std::string& path) override;
  absl::Status MakeDirectory(const std::string& path) override;
  absl::Status SyncDirectory(const std::string& path) override;
  absl::StatusOr<std::vector<std::string>> List(const std::string& path) override;
  bool Exists(const std::string& path) override;
  absl::Status Link(const std::string& from, const std::string& to) override;
  absl::StatusOr<uint64_t> FreeBytes(const std::string& path) override;
};

}  // namespace batuta::log

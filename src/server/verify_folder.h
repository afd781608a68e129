// Checks the log and the archive of a hub's folder, or of a backup, from the files alone: needs
// neither the master key nor a running hub.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "base/disk.h"
#include "log/verify.h"

namespace batuta::server {

struct FolderReport {
  log::VerifyReport log;
  log::VerifyReport archive;
  bool ok() const { return log.error.ok() && archive.error.ok(); }
};

// Reads every byte; changes nothing. NotFound if the folder holds no hub.
absl::StatusOr<FolderReport> VerifyFolder(base::Disk& disk, const std::string& folder);

}  // namespace batuta::server

// Makes a folder that is there after a loss of power, too; and removes one with all that is in it.
#pragma once

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "base/disk.h"

namespace batuta::store {

// Makes the folder and those above it where missing, and syncs the names of all that were made. The
// folder's own name is synced even if it existed: an earlier process may have ended before its
// sync.
absl::Status MakeDurableFolder(base::Disk& disk, const std::string& path);

// The same for any kind of file system. `make` makes one folder in an existing one.
struct FolderCalls {
  absl::FunctionRef<bool(const std::string& path)> exists;
  absl::FunctionRef<absl::Status(const std::string& path)> make;
  absl::FunctionRef<absl::Status(const std::string& path)> sync;
};
absl::Status MakeDurableFolder(const FolderCalls& calls, const std::string& path);

// Removes the folder and everything in it; it need not be there. After a failure or a crash a part
// of it is left, which can be removed the same way.
absl::Status RemoveFolder(base::Disk& disk, const std::string& path);

}  // namespace batuta::store

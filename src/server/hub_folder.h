// The folder of a hub as this process holds it: locked against a second process, with its master
// key, and with the key by which its own commands get in.
//
//     lock         held by the process that has the hub open; its number is the content
//     master.key   unless the configuration names another file
//     admin.key    a secret key for the commands of this machine, readable by its owner alone
//     write.key    a write key for imports from this machine, the same
#pragma once

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/disk.h"
#include "engine/runtime_hub.h"
#include "server/config.h"
#include "vault/master_key.h"

namespace batuta::server {

// Held as long as it lives; the operating system lets go when the process ends in any way.
class FolderLock {
 public:
  // Makes the folder if it is absent. FailedPrecondition: another process has it.
  static absl::StatusOr<FolderLock> Take(const std::string& folder);
  FolderLock(FolderLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  FolderLock& operator=(FolderLock&&) = delete;
  ~FolderLock();

 private:
  explicit FolderLock(int file) : file_(file) {}
  int file_;
};

// Whether there is a hub in the folder.
bool HoldsHub(base::Disk& disk, const std::string& folder);

// The file that the configuration names, else `folder`/master.key. Makes a key only for a folder
// without a hub.
absl::StatusOr<vault::MasterKey> TakeMasterKey(base::Disk& disk, const std::string& folder,
                                               const std::string& file);

// Keys of the API, kept for the commands of this machine.
enum class KeyFile { kAdmin, kWrite };
std::string KeyPath(const std::string& folder, KeyFile which);
// NotFound if there is none.
absl::StatusOr<std::string> ReadKeyFile(const std::string& folder, KeyFile which);
// Mode 0600.
absl::Status WriteKeyFile(const std::string& folder, KeyFile which, const std::string& secret);

// What the configuration says about the hub. A failure that it cannot go on from ends the process.
engine::HubOptions HubOptionsOf(const Config& config, base::Disk& disk, base::Clock& clock,
                                const vault::MasterKey& master_key);

}  // namespace batuta::server

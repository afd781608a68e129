// Makes a hub's folder out of a backup, and sees that what was made is what was kept.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/disk.h"
#include "base/ids.h"
#include "vault/master_key.h"

namespace batuta::server {

struct RestoreOptions {
  std::string backup;
  std::string data;    // must not exist, or be empty
  std::string ledger;  // of erasures since the backup; empty: none
  vault::MasterKey master_key;
};

struct RestoreReport {
  uint64_t records = 0;  // in log and archive
  uint64_t bytes = 0;
  size_t erasures = 0;       // that the ledger added
  size_t people_erased = 0;  // whom the backup still had
  base::Id128 state_hash = {};
};

// Verifies the backup, copies it, opens the copy, which folds what its checkpoints lack, erases
// whoever was erased since, closes it and opens it again: the state must be the same. Nothing is
// left behind when it fails.
absl::StatusOr<RestoreReport> Restore(base::Disk& disk, base::Clock& clock,
                                      const RestoreOptions& options);

}  // namespace batuta::server

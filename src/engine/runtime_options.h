// What the runtime of a hub needs and is bounded by.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/clock.h"
#include "base/time.h"
#include "log/log.h"
#include "store/database.h"
#include "vault/vault.h"

namespace batuta::engine {

// When a partition's changes are written to its database: at the first of these three.
struct CheckpointTriggers {
  size_t dirty_bytes = size_t{128} << 20;
  uint64_t records = 1'000'000;
  base::Duration age = base::Seconds(60);
  // While more than this is changed and not yet in the databases, Append refuses.
  size_t unwritten_bytes_max = size_t{384} << 20;
};

struct RuntimeOptions {
  // None is owned; all outlive the runtime.
  base::Clock* clock = nullptr;
  log::Log* log = nullptr;
  vault::Vault* vault = nullptr;            // null in tests that seal nothing
  std::vector<store::Database*> databases;  // one per partition, then the control partition's
  uint64_t hub_seed = 0;
  size_t workers = 2;  // threads that fold

  size_t cache_bytes = size_t{384} << 20;  // of decoded rows, all partitions together
  CheckpointTriggers checkpoint;
  size_t group_bytes_max = size_t{1} << 20;  // of those that waited for room
  size_t queue_entries_max = 10'000;         // not durable yet; beyond it Append refuses
  size_t queue_bytes_max = size_t{64} << 20;
  uint64_t backlog_records_max = 200'000;  // in the log and not yet applied

  // Called when the process cannot go on (a failed sync, a failed checkpoint). Must not return.
  std::function<void(const absl::Status&)> fatal;
  // Called when the log has no space, to give the reserve back; and when there is space again.
  std::function<absl::Status()> release_reserve;
  std::function<absl::Status()> restore_reserve;
  // Whether that many bytes can be written to the state or the vault. Null: always.
  std::function<bool(uint64_t bytes)> has_room = nullptr;
  bool HasRoom(uint64_t bytes) const { return !has_room || has_room(bytes); }

  // Calls `fatal`, and sees to it that nothing comes after.
  [[noreturn]] void EndProcess(const absl::Status& cause) const {
    fatal(cause);
    std::fprintf(stderr, "batuta: %s\n", cause.ToString().c_str());
    std::abort();
  }
};

}  // namespace batuta::engine

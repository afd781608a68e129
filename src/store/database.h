// The state of one partition on disk: ordered tables of bytes, written at checkpoints as one atomic
// batch that carries the log offset up to which it holds.
//
// There is no log of its own: what was not written is folded again from the event log. On any error
// of Write the state on disk is the one before or the one after, never something between; the
// caller ends the process, opens again, and asks Applied(). Reads are thread-safe, also beside one
// Write. One thread writes, checkpoints and compacts. Damage found while reading (every block has a
// checksum) is DataLoss or Internal, never a wrong value.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/disk.h"
#include "base/ids.h"
#include "store/batch.h"
#include "store/cursor.h"
#include "store/shared_resources.h"

namespace batuta::store {

class Database {
 public:
  struct Options {
    std::string path;  // the partition's own folder; made if absent
    base::Id128 hub = {};
    base::PartitionId partition{};
    // Null: the operating system's files. Otherwise every byte goes through this disk, all
    // background work is done inside the calls, and the order of disk operations depends on the
    // calls alone.
    base::Disk* disk = nullptr;
    // Entries of Table::dedup for which this holds may vanish whenever files are rewritten; readers
    // must treat them as absent. Called from background threads. Null: none.
    std::function<bool(std::string_view key, std::string_view value)> dedup_expired = nullptr;
  };
  // FailedPrecondition: the folder belongs to another hub or partition, or was made by a newer
  // release. DataLoss: files are missing or damaged.
  static absl::StatusOr<std::unique_ptr<Database>> Open(const SharedResources& shared,
                                                        const Options& options);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  absl::StatusOr<std::optional<std::string>> Get(Table table, std::string_view key) const;
  // The values in the order of the keys.
  absl::StatusOr<std::vector<std::optional<std::string>>> MultiGet(
      Table table, std::span<const std::string> keys) const;

  // Visits the entries with from <= key < to (an empty `to` is the end) in the order of their
  // bytes, until `visit` is false. The views are valid during the call only.
  absl::Status Scan(
      Table table, std::string_view from, std::string_view to,
      absl::FunctionRef<bool(std::string_view key, std::string_view value)> visit) const;
  // The same range, for a pass over much; it sees the state of this moment. What it reads does not
  // push out of the cache what others need.
  std::unique_ptr<Cursor> OpenCursor(Table table, std::string_view from, std::string_view to) const;

  // Writes all changes and the offset as one; on return it is durable.
  // Requires: applied >= Applied().
  absl::Status Write(const Batch& batch, base::Offset applied);

  // The offset of the newest durable Write; 0 for a new database.
  base::Offset Applied() const;

  // Makes `path` (which must not exist) an independent copy of what is durable, mostly by hard
  // links.
  absl::Status Checkpoint(const std::string& path);

  // Reads every file and compares the checksums. Slow: as long as reading the disk takes.
  absl::Status Verify() const;

  // Rewrites all files that hold keys with from <= key < to, so that on return none of the
  // partition's files holds a deleted or replaced value of that range. A cursor open meanwhile
  // keeps its files.
  absl::Status Compact(Table table, std::string_view from, std::string_view to);
  absl::Status CompactAll();

  struct Statistics {
    uint64_t disk_bytes = 0;    // of live files
    uint64_t memory_bytes = 0;  // write buffers and what tables keep outside the shared cache
    uint64_t file_count = 0;
    uint64_t compaction_debt_bytes = 0;
    uint64_t entry_estimate = 0;  // of all tables
  };
  Statistics GetStatistics() const;

  class Impl;

 private:
  explicit Database(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace batuta::store

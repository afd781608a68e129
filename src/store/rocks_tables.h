// A RocksDB database as ordered tables that are written atomically together with a sequence number.
// Private to `store`: Database and KeyValue are made of it.
//
// Without a write-ahead log: what was applied is durable after the next Flush, all tables together.
// Remembers whose it is (the owner and a number within it) and refuses others.
// Reads are thread-safe; one thread applies, flushes, compacts and copies.
#pragma once

#include <atomic>
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
#include "rocksdb/db.h"
#include "store/batch.h"
#include "store/cursor.h"
#include "store/disk_file_system.h"
#include "store/shared_resources.h"

namespace batuta::store {

struct Cursor::Impl {
  std::string from, to;  // the bounds live as long as the iterator that points to them
  rocksdb::Slice lower, upper;
  std::unique_ptr<rocksdb::Iterator> iterator;
};

class RocksTables {
 public:
  // How a table is used decides how it is stored.
  enum class Use {
    records,  // found by exact key, compressed
    hashes,   // small, incompressible, mostly asked for keys that are not there
    queue,    // read in order, removed soon
    secrets,  // few and small, in small files, so that purging rewrites little
  };
  struct TableOptions {
    std::string name;
    Use use;
    std::function<bool(std::string_view key, std::string_view value)> expired;  // may be null
  };
  struct Options {
    std::string path;
    base::Disk* disk = nullptr;  // null: the operating system's files
    base::Id128 owner = {};
    uint32_t part = 0;
    std::vector<TableOptions> tables;
    size_t memtable_bytes = size_t{32} << 20;
  };

  static absl::StatusOr<std::unique_ptr<RocksTables>> Open(const SharedResources& shared,
                                                           const Options& options);
  ~RocksTables();

  absl::StatusOr<std::optional<std::string>> Get(size_t table, std::string_view key) const;
  absl::StatusOr<std::vector<std::optional<std::string>>> MultiGet(
      size_t table, std::span<const std::string> keys) const;
  absl::Status Scan(
      size_t table, std::string_view from, std::string_view to,
      absl::FunctionRef<bool(std::string_view key, std::string_view value)> visit) const;
  enum class Passing : uint8_t {
    kOften,
    kOnce
  };  // once: leaves others what they have in the cache
  std::unique_ptr<Cursor> OpenCursor(size_t table, std::string_view from, std::string_view to,
                                     Passing passing = Passing::kOften) const;

  // One list of changes per table, each in key order, and the number up to which they hold.
  using Changes = std::vector<std::vector<const Change*>>;
  absl::Status Apply(const Changes& changes, uint64_t applied);
  uint64_t applied() const { return applied_.load(std::memory_order_acquire); }

  absl::Status Flush();       // and wait
  absl::Status StartFlush();  // in the background, where there is one
  bool FlushIsRunning() const;

  absl::Status CopyTo(const std::string& path);
  absl::Status Verify() const;
  absl::Status Compact(size_t table, std::string_view from, std::string_view to);

  size_t table_count() const { return handles_.size(); }
  // The sum over all tables of an integer property of RocksDB.
  uint64_t Sum(const std::string& property) const;
  uint64_t LiveFileCount() const;

 private:
  // Keeps the first error of background work, which RocksDB tells nobody when nobody waits.
  class ErrorKeeper;

  explicit RocksTables(const Options& options);
  absl::Status OpenRocks(const SharedResources& shared, const Options& options);
  absl::Status RefuseUnknownTables(const Options& options);
  absl::Status ReadIdentity(const Options& options);
  absl::Status WriteIdentity(const Options& options);
  absl::Status CompactInline(rocksdb::ColumnFamilyHandle* table);
  void RunJobs();
  // Ends an operation: raises what the disk threw; otherwise the status in our words.
  absl::Status Done(const rocksdb::Status& status, const std::string& what) const;

  const std::string path_;
  std::unique_ptr<DiskEnvironment> disk_environment_;  // null with the operating system's files
  rocksdb::Env* environment_ = nullptr;
  std::shared_ptr<ErrorKeeper> errors_;
  std::vector<std::shared_ptr<const rocksdb::CompactionFilter>> filters_;
  std::unique_ptr<rocksdb::DB> rocks_;
  rocksdb::ColumnFamilyHandle* meta_ = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
  std::atomic<uint64_t> applied_{0};
  // By table, whether anything was ever put into it: one that is not in use costs readers nothing.
  std::vector<std::atomic<bool>> is_used_;
};

}  // namespace batuta::store

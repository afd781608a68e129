// A durable map of bytes for what no log can bring back: each write is on disk when it returns.
//
// A write goes to a small journal of its own (one sync), and then to the tables, which reach their
// files later. Values can be purged: afterwards no file holds them. Thread-safe; writes and purges
// exclude one another.
// On an error of Write the outcome is unknown; the caller ends the process and opens again.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/disk.h"
#include "base/ids.h"
#include "store/batch.h"
#include "store/shared_resources.h"

namespace batuta::store {

// Which files the tables use. `direct`: the operating system's, with background threads; the disk
// given beside it must then be the operating system's too. `through_disk`: the given disk's alone,
// everything done inside the calls and in an order that depends on the calls alone.
enum class FileAccess { direct, through_disk };

class KeyValue {
 public:
  struct Options {
    std::string path;            // a folder of its own; made if absent
    base::Id128 owner;           // the hub; a folder of another one is refused
    base::Disk* disk = nullptr;  // required: holds the journal
    FileAccess access = FileAccess::direct;
    uint64_t journal_bytes = uint64_t{16}
                             << 20;  // of one journal file; about twice as much may wait
  };
  // FailedPrecondition: another owner or a newer release. DataLoss: damaged or missing files; a
  // torn end of the journal, which no finished Write can leave, is cut.
  static absl::StatusOr<std::unique_ptr<KeyValue>> Open(const SharedResources& shared,
                                                        const Options& options);
  ~KeyValue();
  KeyValue(const KeyValue&) = delete;
  KeyValue& operator=(const KeyValue&) = delete;

  absl::StatusOr<std::optional<std::string>> Get(std::string_view key) const;
  // As Database::Scan.
  absl::Status Scan(
      std::string_view from, std::string_view to,
      absl::FunctionRef<bool(std::string_view key, std::string_view value)> visit) const;

  // All changes or none; durable on return. One sync for all of them.
  absl::Status Write(std::span<const Change> changes);

  // Rewrites the files and the journal so that on return none holds a value of from <= key < to
  // that was deleted or replaced before the call. The journal's old bytes are overwritten with
  // zeros.
  absl::Status Purge(std::string_view from, std::string_view to);

  // Makes `path` (which must not exist) an independent copy.
  absl::Status CopyTo(const std::string& path);

  absl::Status Verify() const;

  class Impl;

 private:
  explicit KeyValue(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace batuta::store

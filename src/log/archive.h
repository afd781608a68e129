// The archive keeps what was logged, for as long as retention allows: per partition, compressed, in
// blocks that can be read at random. Timeline, replay, backfill, split and what-if read it.
//
// Each block carries a CRC and a hash over the block before it, across files, so that the archive
// of a partition can be verified as a whole. Files are written once, under a temporary name, and
// never changed; the layout is in docs/log-format.md. The archive does not decide what is archived
// when.
//
// Extend and Forget are called by one thread at a time; everything else by any thread, at any time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/btree_map.h"
#include "absl/synchronization/mutex.h"
#include "base/disk.h"
#include "base/ids.h"
#include "log/archive_file.h"
#include "log/block_cache.h"
#include "log/log.h"
#include "log/record.h"
#include "log/verify.h"

namespace batuta::log {

struct ArchiveOptions {
  base::Disk* disk = nullptr;             // not owned; outlives the archive
  std::string folder;                     // made if absent; belongs to the archive alone
  base::Id128 hub;                        // files of another hub are refused
  size_t block_bytes = size_t{64} << 10;  // raw; a larger record gets a block of its own
  size_t cache_bytes = size_t{16} << 20;  // decompressed blocks and block indexes kept in memory
  int compression_level = -3;             // zstd: a third of the time of 3, and an eighth larger
};

class Archive {
 public:
  // Reads the footers of all files and removes what an interrupted Extend left. Errors: DataLoss
  // when a file is damaged or the files of a partition do not continue each other,
  // FailedPrecondition when they are another hub's or of an unknown version.
  static absl::StatusOr<std::unique_ptr<Archive>> Open(ArchiveOptions options);

  // Use Open.
  explicit Archive(ArchiveOptions options);

  // Archives the records of the partition after End(partition), up to and with `up_to`, from a log,
  // as one new file; durable on return. Nothing happens if there are none. After an error the
  // archive is as before.
  absl::Status Extend(const Log& log, base::PartitionId partition, base::Offset up_to);

  // The last archived offset of the partition; 0 if there is none.
  base::Offset End(base::PartitionId partition) const;
  // The records up to and with this offset were forgotten.
  base::Offset Start(base::PartitionId partition) const;
  std::vector<base::PartitionId> Partitions() const;

  // As in Log. OutOfRange for what was forgotten.
  absl::Status Scan(base::PartitionId partition, base::Offset after, base::Offset up_to,
                    RecordVisitor visit) const;
  absl::StatusOr<Record> Read(base::Position position) const;

  // Removes the files of the partition whose records all have an offset below `first_kept`.
  absl::Status Forget(base::PartitionId partition, base::Offset first_kept);

  // Removes the oldest files of the partition, as long as all their records were stamped before
  // `time` and have an offset below `first_kept`. The newest file stays.
  absl::Status ForgetBefore(base::PartitionId partition, base::Time time, base::Offset first_kept);

  // Reads every file, block by block, and checks every sum and hash, every frame and every offset.
  // Stops at the first error.
  VerifyReport Verify() const;

 private:
  using Files = std::vector<std::shared_ptr<const ArchiveFile>>;  // by first offset, without gaps
  enum class Caching { kKeep, kPass };
  absl::Status Load();
  absl::Status Add(std::shared_ptr<const ArchiveFile> file) ABSL_LOCKS_EXCLUDED(mutex_);
  Files FilesOf(base::PartitionId partition) const ABSL_LOCKS_EXCLUDED(mutex_);
  // The file that holds the offset; null if none does.
  std::shared_ptr<const ArchiveFile> FindFile(base::Position position) const
      ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<BlockCache::Bytes> IndexOf(const ArchiveFile& file) const;
  absl::StatusOr<BlockCache::Bytes> BlockOf(const ArchiveFile& file, const std::string& index,
                                            size_t number, Caching caching) const;
  absl::Status ScanFile(const ArchiveFile& file, base::Offset after, base::Offset up_to,
                        RecordVisitor visit) const;

  const ArchiveOptions options_;
  mutable BlockCache cache_;
  mutable absl::Mutex mutex_;
  absl::btree_map<base::PartitionId, Files> files_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace batuta::log

// One file of the archive: consecutive blocks of one partition, the index of the blocks, a footer.
//
// Immutable. Holds no open file, since an archive may have more files than a process may open. Safe
// for any number of threads.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/disk.h"
#include "base/ids.h"
#include "base/time.h"
#include "log/log.h"
#include "log/verify.h"

namespace batuta::log {

// What header and footer say of a file.
struct ArchiveSummary {
  base::Id128 hub;
  base::PartitionId partition{};
  base::Offset first{};
  base::Offset last{};
  base::Time earliest = base::kDistantFuture;  // stamps of the records
  base::Time latest = base::kDistantPast;
  uint32_t blocks = 0;
  uint64_t index_byte = 0;     // where the index begins, and the blocks end
  base::Id128 previous_chain;  // of the file before
  base::Id128 chain;           // of the last block
  uint32_t index_crc = 0;
};

// An entry of the block index.
struct BlockPlace {
  base::Offset first{};
  base::Time earliest = base::kDistantFuture;
  base::Time latest = base::kDistantPast;
  uint64_t byte = 0;
};

inline constexpr size_t kArchiveHeaderBytes = 56;
inline constexpr size_t kArchiveFooterBytes = 92;
inline constexpr size_t kBlockPlaceBytes = 32;

std::string EncodeArchiveHeader(const ArchiveSummary& summary);
std::string EncodeArchiveFooter(const ArchiveSummary& summary);
std::string EncodeBlockPlace(const BlockPlace& place);
BlockPlace DecodeBlockPlace(std::string_view index, size_t number);

// "p007-00000000000000000001.arc", and back; nothing if the name is not an archive file's.
std::string ArchiveName(base::Position first);
std::optional<base::Position> ParseArchiveName(std::string_view name);

class ArchiveFile {
 public:
  // Reads header and footer. DataLoss, with file and byte, if they are damaged; FailedPrecondition
  // for another hub or an unknown version. The disk outlives the file.
  static absl::StatusOr<std::shared_ptr<const ArchiveFile>> Open(base::Disk* disk,
                                                                 const std::string& path,
                                                                 const base::Id128& hub);
  // Use Open.
  ArchiveFile(base::Disk* disk, std::string path, const ArchiveSummary& summary);

  const ArchiveSummary& summary() const { return summary_; }
  const std::string& path() const { return path_; }

  // The encoded index. Errors as for Open.
  absl::StatusOr<std::string> ReadIndex() const;
  // The number of the block that holds the offset. Requires: the file holds it.
  size_t FindBlock(std::string_view index, base::Offset offset) const;
  // The frames of a block. Errors as for Open.
  absl::StatusOr<std::string> ReadBlock(std::string_view index, size_t number) const;

  // Reads and checks everything, and adds what it found to the report; false at the first error.
  bool Verify(VerifyReport& report) const;

 private:
  absl::Status Damaged(uint64_t byte, std::string_view what) const;
  // Where the block ends and the next one begins.
  uint64_t EndOfBlock(std::string_view index, size_t number) const;
  absl::Status VerifyBlock(std::string_view index, size_t number, base::Id128& chain,
                           VerifyReport& report) const;

  base::Disk* const disk_;
  const std::string path_;
  const ArchiveSummary summary_;
};

}  // namespace batuta::log

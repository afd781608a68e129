// A segment: one file of the commit stream, and what is kept of it in memory to read it at random.
//
// Thread-safe. Kept alive by its readers, so that a segment that is dropped can still be read to
// the end by those who have it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/btree_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "base/disk.h"
#include "base/ids.h"
#include "log/group.h"
#include "log/record.h"

namespace batuta::log {

struct SegmentHeader {
  base::Id128 hub;
  uint64_t number = 0;   // 1 for the first segment of a log
  CommitPoint previous;  // the end of the segment before
  Offsets base;          // the last offset of each partition before this segment
  // Invariant: a multiple of kSectorBytes. Readers find the first group there.
  uint64_t TotalBytes() const;
};

std::string EncodeSegmentHeader(const SegmentHeader& header);
// Nothing if the bytes do not begin with a good header. FailedPrecondition for an unknown version.
absl::StatusOr<SegmentHeader> ParseSegmentHeader(std::string_view bytes);

// "0000000042.seg", and back; nothing if the name is not a segment's.
std::string SegmentName(uint64_t number);
std::optional<uint64_t> ParseSegmentName(std::string_view name);

// Where to begin to read for a record: the newest indexed frame of its partition not after it.
struct IndexEntry {
  base::Offset offset{};
  uint64_t group_byte = 0;
  uint64_t frame_byte = 0;
};

class Segment {
 public:
  Segment(SegmentHeader header, std::string path, std::unique_ptr<base::File> file);

  const SegmentHeader& header() const { return header_; }
  const std::string& path() const { return path_; }
  base::File& file() const { return *file_; }

  // Makes a durable group known to readers. The places count from the beginning of the file.
  void Extend(uint64_t group_byte, const std::vector<FramePlace>& frames, uint64_t end_byte);

  uint64_t end_byte() const;
  Offsets Ends() const;  // the last offset of each partition in or before this segment
  base::Offset Base(base::PartitionId partition) const;
  base::Offset End(base::PartitionId partition) const;
  // Where to begin reading for the first record after `after`; nothing if there is none here.
  std::optional<IndexEntry> Find(base::PartitionId partition, base::Offset after) const;

 private:
  const SegmentHeader header_;
  const std::string path_;
  const std::unique_ptr<base::File> file_;

  mutable absl::Mutex mutex_;
  uint64_t end_byte_ ABSL_GUARDED_BY(mutex_);
  Offsets ends_ ABSL_GUARDED_BY(mutex_);
  // Sparse, so that its size does not depend on how small records or groups are: a frame is entered
  // when it lies 64 records or 64 KiB behind the last one entered for its partition.
  absl::btree_map<base::PartitionId, std::vector<IndexEntry>> index_ ABSL_GUARDED_BY(mutex_);
};

// What a reader of one partition reads of one segment.
struct SegmentRange {
  std::shared_ptr<const Segment> segment;
  IndexEntry start;
  uint64_t end_byte = 0;  // what lies behind was not durable when the reading began
};

}  // namespace batuta::log

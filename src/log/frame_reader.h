// Walks the frames of one partition through a segment, from an indexed frame on.
//
// Used by one thread; reads below the range's end only, so an append may go on behind it. It trusts
// that the segment was verified when it was opened, and still checks each frame that it hands out.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "base/ids.h"
#include "log/file_window.h"
#include "log/frame.h"
#include "log/segment.h"

namespace batuta::log {

struct StoredFrame {
  FrameHeader header;
  std::string_view payload;  // valid until the next call
};

class FrameReader {
 public:
  FrameReader(SegmentRange range, base::PartitionId partition, size_t chunk_bytes);

  // The next frame of the partition behind `after`, or nothing at the end of the range. DataLoss,
  // with file and byte, if it is damaged.
  absl::StatusOr<std::optional<StoredFrame>> Next(base::Offset after);

 private:
  absl::Status EnterGroup(uint64_t group_byte);
  absl::Status Damaged(uint64_t byte, std::string_view what) const;

  const SegmentRange range_;
  const base::PartitionId partition_;
  const uint32_t seed_;
  FileWindow window_;
  bool in_group_ = false;
  uint64_t byte_ = 0;        // of the next frame
  uint64_t body_end_ = 0;    // of the current group
  uint64_t next_group_ = 0;  // where the group after it begins
};

}  // namespace batuta::log

// Reads a log's folder from its first segment to its end and decides whether it can be trusted.
//
// Every group is checked: its sums, its place in the chain, and that the offsets of each partition
// have no gap. Reading changes nothing on the disk; CutTail and RemoveLeftovers do.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/disk.h"
#include "base/ids.h"
#include "log/file_window.h"
#include "log/segment.h"
#include "log/verify.h"
#include "log/watermark.h"

namespace batuta::log {

class Recovery {
 public:
  // `mode` is how the segments are opened. The disk outlives the recovery.
  Recovery(base::Disk* disk, std::string folder, const base::Id128& hub, base::Disk::Open mode);

  // Reads and checks everything. Errors as for EmbeddedLog::Open; report() then says where.
  absl::Status Run();

  // Makes what lies behind the last good group zeros, durably, so that the remains of a torn group
  // never come to life behind later ones; and makes durable what is kept, which a killed process
  // may have left unsynced. Requires: Run() returned OK and there are segments.
  absl::Status CutTail();

  // Removes temporary files and segments that were dropped but came back.
  absl::Status RemoveLeftovers();

  bool is_new() const { return is_new_; }  // there is no log in the folder
  const std::vector<std::shared_ptr<Segment>>& segments() const { return segments_; }
  const CommitPoint& end() const { return end_; }
  const WatermarkContent& watermark() const { return watermark_; }
  const VerifyReport& report() const { return report_; }

 private:
  absl::Status Fail(const std::string& file, uint64_t byte, std::string what);
  absl::Status FailWith(const absl::Status& error, const std::string& file, uint64_t byte);
  absl::Status CheckNumbers(const std::vector<uint64_t>& numbers);
  absl::Status ReadSegment(uint64_t number, bool is_last);
  absl::Status CheckHeader(const SegmentHeader& header, uint64_t number, const std::string& path);
  // Reads groups from end_ on; returns at the first thing that is not the next group.
  absl::Status ReadGroups(Segment& segment, FileWindow& window);
  absl::StatusOr<bool> ReadGroup(Segment& segment, FileWindow& window);
  absl::StatusOr<std::vector<FramePlace>> ReadFrames(const Segment& segment,
                                                     const GroupHeader& header,
                                                     std::string_view body);
  absl::Status CheckNothingFollows(const Segment& segment, FileWindow& window);
  absl::Status CheckWatermark();
  absl::Status NoteEnd(const std::string& path);

  base::Disk* const disk_;
  const std::string folder_;
  const base::Id128 hub_;
  const uint32_t seed_;
  const base::Disk::Open mode_;

  bool is_new_ = true;
  WatermarkContent watermark_;
  std::vector<std::shared_ptr<Segment>> segments_;
  Offsets ends_;
  CommitPoint end_;
  bool met_watermark_ = false;  // the acknowledged point is a point of this chain
  VerifyReport report_;
};

}  // namespace batuta::log

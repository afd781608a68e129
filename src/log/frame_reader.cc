#include "log/frame_reader.h"

#include <utility>

#include "base/status.h"
#include "base/text.h"

namespace batuta::log {

FrameReader::FrameReader(SegmentRange range, base::PartitionId partition, size_t chunk_bytes)
    : range_(std::move(range)),
      partition_(partition),
      seed_(HeaderSeed(range_.segment->header().hub)),
      window_(&range_.segment->file(), chunk_bytes) {}

absl::Status FrameReader::Damaged(uint64_t byte, std::string_view what) const {
  return absl::DataLossError(base::StrCat(range_.segment->path(), " at byte ", byte, ": ", what));
}

absl::Status FrameReader::EnterGroup(uint64_t group_byte) {
  BATUTA_ASSIGN_OR_RETURN(const std::string_view bytes,
                          window_.View(group_byte, kGroupHeaderBytes));
  const std::optional<GroupHeader> header = ParseGroupHeader(bytes, seed_);
  if (!header || header->segment != range_.segment->header().number) {
    return Damaged(group_byte, "the group header is damaged");
  }
  byte_ = group_byte + kGroupHeaderBytes;
  body_end_ = byte_ + header->body_bytes;
  next_group_ = group_byte + header->TotalBytes();
  return absl::OkStatus();
}

absl::StatusOr<std::optional<StoredFrame>> FrameReader::Next(base::Offset after) {
  if (!in_group_) {
    BATUTA_RETURN_IF_ERROR(EnterGroup(range_.start.group_byte));
    byte_ = range_.start.frame_byte;
    in_group_ = true;
  }
  while (true) {
    while (byte_ == body_end_) {
      if (next_group_ >= range_.end_byte) return std::nullopt;
      BATUTA_RETURN_IF_ERROR(EnterGroup(next_group_));
    }
    BATUTA_ASSIGN_OR_RETURN(const std::string_view head, window_.View(byte_, kFrameHeaderBytes));
    const std::optional<FrameHeader> header = PeekFrame(head);
    if (!header || header->FrameSize() > body_end_ - byte_) {
      return Damaged(byte_, "the frame is longer than its group");
    }
    const uint64_t begin = std::exchange(byte_, byte_ + header->FrameSize());
    if (header->position.partition != partition_ || header->position.offset <= after) continue;
    BATUTA_ASSIGN_OR_RETURN(const std::string_view frame, window_.View(begin, header->FrameSize()));
    const std::optional<std::string_view> payload = CheckFrame(*header, frame);
    if (!payload) return Damaged(begin, "the checksum of the frame is wrong");
    return StoredFrame{.header = *header, .payload = *payload};
  }
}

}  // namespace batuta::log

// A group: what one Append wrote, whole or not at all.
//
// Header (64 bytes), frames, trailer, zeros up to the next sector. Groups begin at sectors so that
// a write that is cut off by a loss of power can spoil only the sectors of its own, never a
// neighbour that was acknowledged.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/encoding.h"
#include "base/ids.h"
#include "log/frame.h"

namespace batuta::log {

inline constexpr uint64_t kSectorBytes = 512;
inline constexpr size_t kGroupHeaderBytes = 64;
inline constexpr size_t kGroupTrailerBytes = 20;
inline constexpr uint64_t kMaxGroupBytes = uint64_t{1} << 30;

constexpr uint64_t RoundUpToSector(uint64_t bytes) {
  return (bytes + kSectorBytes - 1) / kSectorBytes * kSectorBytes;
}

// A place between two groups of the commit stream, and all that came before it. The order is that
// of the stream.
struct CommitPoint {
  uint64_t segment = 0;  // number of the segment; 0: before the first one
  uint64_t byte = 0;     // in the segment's file
  uint64_t groups = 0;   // how many groups came before
  base::Id128 chain;     // hash over all of them
  friend auto operator<=>(const CommitPoint&, const CommitPoint&) = default;
};

struct GroupHeader {
  uint32_t entries = 0;
  uint32_t body_bytes = 0;  // of the frames
  uint64_t segment = 0;     // the one that holds this group
  CommitPoint previous;     // the end of the group before: acknowledged before this one was written
  uint64_t TotalBytes() const {
    return RoundUpToSector(kGroupHeaderBytes + uint64_t{body_bytes} + kGroupTrailerBytes);
  }
};

// Where a frame begins.
struct FramePlace {
  base::Position position;
  uint64_t byte = 0;  // from the beginning of the group, or of the file
};

// The CRC of a header starts from the hub's id, so that bytes inside a payload, which anyone can
// send, cannot pass for a group.
uint32_t HeaderSeed(const base::Id128& hub);

// Nothing if the bytes are not a group header of this hub.
std::optional<GroupHeader> ParseGroupHeader(std::string_view bytes, uint32_t seed);

// The chain hash after the group, if the body and trailer that follow its header are good.
std::optional<base::Id128> CheckGroup(const GroupHeader& header, std::string_view body_and_trailer);

// Makes a group, frame by frame.
class GroupBuilder {
 public:
  GroupBuilder();
  // Requires: the group has not been finished.
  void Add(const FrameHeader& header, std::string_view payload);
  const std::vector<FramePlace>& places() const { return places_; }
  uint64_t TotalBytes() const;  // what Finish will return

  struct Group {
    std::string bytes;
    base::Id128 chain;  // after this group
  };
  // The group's bytes when written right after `previous` into the segment.
  Group Finish(const CommitPoint& previous, uint64_t segment, uint32_t seed);

 private:
  base::ByteWriter writer_;
  std::vector<FramePlace> places_;
};

}  // namespace batuta::log

// The timeline of a person: an index of the records about them, newest first, ordered by (event
// time, position, kind) whatever the order of arrival.
//
// The newest up to 64 entries stand in the person's record (the head). When the head is full its
// oldest 32 are spilled into the open block, a row of its own of at most 256 entries; a full block
// is never written again. A late entry goes into the head like any other and is spilled in its
// turn, so blocks may overlap in time: paging merges those that do. Invariant: the newest 32
// entries of all are in the head. So the first page reads no block.
//
// At most 512 blocks are kept per person; beyond that the one that ends earliest is dropped, which
// `dropped` counts.
//
// Pure: the caller reads and writes the rows. It does not know what a record says.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/ids.h"
#include "base/time.h"
#include "profile/profile.pb.h"

namespace batuta::profile {

inline constexpr int kMaxHead = 64;
inline constexpr int kSpillSize = 32;
inline constexpr int kMaxBlockEntries = 256;
inline constexpr int kMaxBlocks = 512;

// Stored: never renumber. One byte.
enum class EntryKind : uint32_t {
  kIdentify = 1,
  kTrack = 2,
  kPage = 3,
  kScreen = 4,
  kGroup = 5,
  kAlias = 6,
  kDecision = 16,
  kOutcome = 17,
  kMessage = 18,
  kMerge = 19,
  kConsent = 20,
  kSegment = 21,
};

struct TimelineEntry {
  base::Time event_time;
  base::Position position;
  EntryKind kind = EntryKind::kTrack;
};

// What the caller does with the block rows, in this order.
struct TimelineChanges {
  struct Spill {
    uint32_t number = 0;
    bool fresh = false;       // a new block: no row to read
    TimelineEntries entries;  // to be merged into the row with MergeBlock
  };
  struct Move {  // rename row `from` of the absorbed person to row `to` of this one
    uint32_t from = 0;
    uint32_t to = 0;
  };
  std::vector<Move> moves;
  std::vector<Spill> spills;
  std::vector<uint32_t> drops;  // delete these rows
  bool empty() const { return moves.empty() && spills.empty() && drops.empty(); }
};

// Takes an entry; one that the head holds already is ignored (then `total` stays as it is).
TimelineChanges Append(const TimelineEntry& entry, Timeline& timeline);

// Adds a spill to its block.
void MergeBlock(const TimelineEntries& spill, TimelineBlock& block);

// Takes all entries of another person's timeline. Requires: no record is in both, but for records
// in both heads, which count once.
TimelineChanges MergeTimeline(const Timeline& from, Timeline& into);

// A place between entries: everything before it in the answer has been seen. Opaque text.
std::string FormatCursor(const TimelineEntry& last_seen);

struct TimelinePage {
  std::vector<TimelineEntry> entries;  // newest first
  std::string next;                    // cursor of the following page; empty at the end
  int blocks_read = 0;
};

// Reads the block row of that number; NotFound if it is missing.
using ReadBlock = std::function<absl::StatusOr<TimelineBlock>(uint32_t number)>;

// At most `limit` (1 to 1000, else InvalidArgument) entries older than the cursor (empty: from the
// newest). Errors of `read_block` are passed on.
absl::StatusOr<TimelinePage> ReadTimeline(const Timeline& timeline, std::string_view cursor,
                                          int limit, const ReadBlock& read_block);

}  // namespace batuta::profile

// The log of a hub that runs on one machine: one commit stream in preallocated segment files.
//
// All partitions share the stream, so that what is appended or sealed at once is one checksummed
// group and one sync of one file. The layout of the files is in docs/log-format.md. Opening
// verifies every group of every segment: a torn tail that was never acknowledged is cut; any other
// doubt (damage before good data, acknowledged data missing, another hub's files) is refused, with
// file and byte.
//
// Commit, Append and Close are called by one thread, the committer; everything else by any thread,
// at any time in between. The destructor does not touch the disk: a log that was not closed has
// crashed.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "base/disk.h"
#include "base/ids.h"
#include "base/time.h"
#include "log/archive.h"
#include "log/group.h"
#include "log/log.h"
#include "log/segment.h"
#include "log/watermark.h"

namespace batuta::log {

struct EmbeddedLogOptions {
  base::Disk* disk = nullptr;    // not owned; outlives the log
  base::Clock* clock = nullptr;  // not owned; outlives the log; only its monotonic time is used
  std::string folder;            // made if absent; belongs to the log alone
  base::Id128 hub;               // files of another hub are refused
  uint64_t segment_bytes = uint64_t{64} << 20;
  uint64_t reserve_bytes = uint64_t{64} << 20;  // 0: no reserve
  base::Duration watermark_interval = base::Seconds(1);

  // Called when a write or a sync has failed, so that nobody can say what is on the disk. It should
  // end the process; if it returns or throws, the log refuses every later Append. Empty: print,
  // abort.
  std::function<void(const absl::Status&)> fatal;
};

class EmbeddedLog final : public Log {
 public:
  // Opens or makes the log. Errors: DataLoss when acknowledged data is missing or damaged,
  // FailedPrecondition when the files are another hub's or of an unknown version, else the disk's.
  static absl::StatusOr<std::unique_ptr<EmbeddedLog>> Open(EmbeddedLogOptions options);

  // Use Open.
  EmbeddedLog(EmbeddedLogOptions options, WatermarkContent watermark, const CommitPoint& end);

  std::optional<std::vector<base::Offset>> Stage(std::span<const Entry> entries) override;
  void Seal() override;
  absl::Status Commit() override;
  absl::StatusOr<std::vector<base::Offset>> Append(std::span<const Entry> entries) override;
  base::Offset End(base::PartitionId partition) const override;
  absl::Status Scan(base::PartitionId partition, base::Offset after, base::Offset up_to,
                    RecordVisitor visit) const override;
  absl::StatusOr<Record> Read(base::Position position) const override;

  // Every partition that has records, with its last durable offset.
  Offsets Ends() const;
  // The offset of the oldest record that is still in the segments, or would be if there were one.
  base::Offset FirstKept(base::PartitionId partition) const;

  // Writes the watermark, so that any damage of what was appended is noticed by the next Open. The
  // log takes no more appends. Returns the error that it died of, if any.
  absl::Status Close();

  // Archives the records of all closed segments, then drops those segments, oldest first, whose
  // records nobody needs: `lowest_needed` is, per partition, the first offset that folding would
  // begin from after a crash; a partition that is missing there needs all of its records. Returns
  // how many segments were dropped. Called by one thread at a time, which need not be the
  // committer.
  absl::StatusOr<size_t> ArchiveThrough(Archive& archive, const Offsets& lowest_needed);

  // Gives the reserved space back to the file system, for an owner that has to write when the disk
  // is full. Nothing happens if there is no reserve.
  absl::Status ReleaseReserve();
  // Sets the space aside again. ResourceExhausted while there is none.
  absl::Status RestoreReserve();

 private:
  // Where the commit stream goes on. Used by the committer alone.
  struct Tail {
    std::shared_ptr<Segment> segment;
    uint64_t size = 0;  // of the segment's file
    CommitPoint end;
  };
  // Makes the log's first segment, or takes up the last one that was recovered.
  absl::Status Start(std::vector<std::shared_ptr<Segment>> segments);
  GroupBuilder* OldestSealed() ABSL_LOCKS_EXCLUDED(stage_mutex_);
  absl::StatusOr<std::vector<base::Offset>> AppendGroup(std::span<const Entry> entries);
  // Staging goes on behind the tail of the stream, if the log takes more.
  void OpenStage() ABSL_LOCKS_EXCLUDED(stage_mutex_);
  absl::Status Rotate(uint64_t group_bytes);
  // Writes the group at the tail, and makes it known to readers once it is durable.
  absl::Status WriteAtTail(const GroupBuilder::Group& made, std::vector<FramePlace> places);
  absl::Status NoteAcknowledged();
  // Calls `fatal`, once, and makes every later Append return the error.
  absl::Status Die(const absl::Status& cause);

  // The open segments that hold records of the partition in (after, up_to].
  absl::StatusOr<std::vector<SegmentRange>> Find(base::PartitionId partition, base::Offset after,
                                                 base::Offset up_to) const;
  // How many of the oldest segments hold only records that are not needed.
  size_t CountDroppable(const Archive& archive, const Offsets& lowest_needed) const;
  absl::Status DropOldest(size_t count);

  const EmbeddedLogOptions options_;
  Watermark watermark_;
  const uint32_t seed_;
  Tail tail_;
  absl::Status dead_;
  std::optional<GroupBuilder::Group> finished_;  // the oldest sealed one, while it is not written

  absl::Mutex stage_mutex_;
  // False while Append takes places, and after the end.
  bool is_staging_ ABSL_GUARDED_BY(stage_mutex_) = false;
  GroupBuilder staged_ ABSL_GUARDED_BY(stage_mutex_);
  Offsets staged_ends_ ABSL_GUARDED_BY(stage_mutex_);  // the last places given
  uint64_t room_ ABSL_GUARDED_BY(stage_mutex_) = 0;    // of the segment, behind what is sealed
  // Written by the committer from the front; those behind stay where they are meanwhile.
  std::deque<GroupBuilder> sealed_ ABSL_GUARDED_BY(stage_mutex_);

  mutable absl::Mutex mutex_;
  // Invariant: not empty after Open, numbered without gaps; the last one is being written, the
  // others are closed. Find relies on the order.
  std::vector<std::shared_ptr<Segment>> segments_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace batuta::log

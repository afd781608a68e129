// The event log: the only write-ahead log of a hub, and the source of all of its state.
//
// Records are appended in groups and read back by partition, in order or at random. The log orders
// the records of a partition; between partitions there is no order, except that a group is kept
// whole. It does not know what records mean, removes no duplicates and never changes what it keeps.
//
// Who must not wait for the disk between records that lead to one another stages them: they have
// their places at once, and become durable together.
//
// One thread commits and appends; any number of threads stage and read at the same time.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/ids.h"
#include "log/record.h"

namespace batuta::log {

// What Scan calls for each record. The record is only valid during the call. An error stops the
// scan, which returns it.
using RecordVisitor = absl::FunctionRef<absl::Status(const Record&)>;

class Log {
 public:
  virtual ~Log() = default;

  // Gives the entries the places that they will have, and keeps them in memory. Nothing is durable
  // before Seal() and Commit(), and nobody finds it here before; but it is in the order of the log,
  // and there is room for it. What is found after a crash is all that was staged up to some point.
  // The offsets are as those of Append. Nothing if room has to be made first: Append does that.
  virtual std::optional<std::vector<base::Offset>> Stage(std::span<const Entry> entries) = 0;

  // What was staged up to now is what the next Commit() makes durable; by any thread.
  virtual void Seal() = 0;

  // Returns when what was sealed is durable. Errors: ResourceExhausted when there is no space: it
  // is kept, for the next Commit() to try again. Others as for Append.
  virtual absl::Status Commit() = 0;

  // Commits what was staged, then appends all entries, in their order, and returns when they are
  // durable. The offsets are parallel to the entries; those of a partition continue its log without
  // a gap, and its first one is 1.
  //
  // Errors: ResourceExhausted when there is no space and InvalidArgument when the entries are too
  // large; then nothing was stored and the log goes on. Any other error means that the log is of no
  // more use to this process: what was asked for may or may not be found when it is opened again.
  virtual absl::StatusOr<std::vector<base::Offset>> Append(std::span<const Entry> entries) = 0;

  // The offset of the last durable record of the partition; 0 if it has none.
  virtual base::Offset End(base::PartitionId partition) const = 0;

  // Visits the records of the partition with after < offset <= up_to, in the order of their
  // offsets. What lies beyond End() when the scan begins is left out.
  //
  // Errors: OutOfRange when the first record asked for is no longer kept here; DataLoss, with file
  // and byte, when what was stored cannot be read back as it was.
  virtual absl::Status Scan(base::PartitionId partition, base::Offset after, base::Offset up_to,
                            RecordVisitor visit) const = 0;

  // Reads one record. Errors: NotFound beyond End() and for offset 0, else as for Scan.
  virtual absl::StatusOr<Record> Read(base::Position position) const = 0;
};

}  // namespace batuta::log

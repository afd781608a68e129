// All that is still known of the past: the archive and the log behind it, read as one.
//
// A view: owns nothing, keeps nothing, and is as safe to share between threads as its two parts.
// The two may overlap; the archive is asked first.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/ids.h"
#include "log/archive.h"
#include "log/log.h"
#include "log/record.h"

namespace batuta::log {

class History {
 public:
  // Both outlive the history.
  History(const Archive* archive, const Log* log) : archive_(archive), log_(log) {}

  // As in Log. OutOfRange for what retention has removed.
  base::Offset End(base::PartitionId partition) const { return log_->End(partition); }
  // The records up to and with this offset were removed by retention.
  base::Offset Start(base::PartitionId partition) const { return archive_->Start(partition); }
  absl::Status Scan(base::PartitionId partition, base::Offset after, base::Offset up_to,
                    RecordVisitor visit) const;
  absl::StatusOr<Record> Read(base::Position position) const;

 private:
  const Archive* archive_;
  const Log* log_;
};

}  // namespace batuta::log

#include "log/history.h"

#include <algorithm>

#include "base/status.h"

namespace batuta::log {

absl::Status History::Scan(base::PartitionId partition, base::Offset after, base::Offset up_to,
                           RecordVisitor visit) const {
  const base::Offset archived = std::min(archive_->End(partition), up_to);
  if (after < archived) BATUTA_RETURN_IF_ERROR(archive_->Scan(partition, after, archived, visit));
  return log_->Scan(partition, std::max(after, archived), up_to, visit);
}

absl::StatusOr<Record> History::Read(base::Position position) const {
  const base::Offset archived = archive_->End(position.partition);
  return position.offset <= archived ? archive_->Read(position) : log_->Read(position);
}

}  // namespace batuta::log

#include "engine/kept_records.h"

#include <algorithm>

#include "base/status.h"

namespace batuta::engine {
namespace {

// Records that lie no farther apart are read in one scan: about as many as two blocks hold.
constexpr uint64_t kGapMax = 512;

}  // namespace

absl::Status VisitKept(const log::History& history, base::PartitionId partition, size_t count,
                       absl::FunctionRef<base::Offset(size_t)> offset_of,
                       absl::FunctionRef<void(size_t, const log::Record&)> visit) {
  size_t next = 0;
  size_t failed_at = count;
  while (next < count) {
    const base::Offset start = history.Start(partition);
    while (next < count && offset_of(next) <= start) ++next;
    if (next == count) break;
    size_t end = next + 1;
    while (end < count &&
           base::Number(offset_of(end)) - base::Number(offset_of(end - 1)) <= kGapMax) {
      ++end;
    }
    const base::Offset before{base::Number(offset_of(next)) - 1};
    const absl::Status scanned =
        history.Scan(partition, before, offset_of(end - 1), [&](const log::Record& record) {
          while (next < end && offset_of(next) < record.position.offset) ++next;
          while (next < end && offset_of(next) == record.position.offset) visit(next++, record);
          return absl::OkStatus();
        });
    if (scanned.ok()) {
      next = end;
    } else if (!absl::IsOutOfRange(scanned) || next == failed_at) {
      return scanned;
    } else {
      failed_at = next;  // removed, or put into the archive, just now: looked for once more
    }
  }
  return absl::OkStatus();
}

}  // namespace batuta::engine

// Reading many records of the history that are scattered over it, each block of it once.
#pragma once

#include <cstddef>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "base/ids.h"
#include "log/history.h"
#include "log/record.h"

namespace batuta::engine {

// Visits the records of `count` ascending offsets of a partition, with the index of each; those
// that are no longer kept are left out. A record is only valid during the call. Errors of the
// history are passed on.
absl::Status VisitKept(const log::History& history, base::PartitionId partition, size_t count,
                       absl::FunctionRef<base::Offset(size_t)> offset_of,
                       absl::FunctionRef<void(size_t, const log::Record&)> visit);

}  // namespace batuta::engine

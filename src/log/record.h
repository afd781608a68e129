// What goes into the log and what comes out of it.
//
// The log knows nothing of what a payload or a type means; it keeps both as they are, byte for
// byte.
#pragma once

#include <cstdint>
#include <string>

#include "absl/container/btree_map.h"
#include "base/ids.h"
#include "base/time.h"

namespace batuta::log {

// A record to be appended. Its offset is given by the log.
struct Entry {
  base::PartitionId partition{};
  uint8_t type = 0;
  base::Time stamp;
  base::RecordId id;
  std::string payload;
};

// A record of the log, as it is read. It never changes again.
struct Record {
  base::Position position;
  uint8_t type = 0;
  base::Time stamp;
  base::RecordId id;
  std::string payload;
};

// One offset per partition; a partition that is missing has none.
using Offsets = absl::btree_map<base::PartitionId, base::Offset>;

}  // namespace batuta::log

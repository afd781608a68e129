// RocksDB's statuses in the project's words. Private to `store`.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "rocksdb/slice.h"
#include "rocksdb/status.h"

namespace batuta::store {

// Corruption is DataLoss, a full disk ResourceExhausted, everything else that failed Internal.
// `what` says what was being done, with the path.
absl::Status FromRocks(const rocksdb::Status& status, const std::string& what);

// The errors of the disk seam as RocksDB knows them; OK stays OK.
rocksdb::Status ToRocks(const absl::Status& status);

inline rocksdb::Slice ToSlice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
inline std::string_view ToView(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

}  // namespace batuta::store

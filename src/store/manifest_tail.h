// Cuts what a loss of power left at the end of RocksDB's list of files. Private to `store`.
//
// RocksDB syncs the list (MANIFEST) after every change, so after a crash what follows the last sync
// may be garbage; but it refuses a list that ends so. Here all from the first damaged record on is
// cut. Should that take records that had been synced (a damaged disk), the database is consistently
// that of an earlier offset, or refers to files that are gone and is refused: so the caller must
// compare the offset with its log, as it does anyway.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "rocksdb/env.h"

namespace batuta::store {

// Of the database in the folder, if there is one.
absl::Status CutTornManifest(rocksdb::Env& environment, const std::string& path);

// The length of the sound beginning of a list.
uint64_t SoundManifestBytes(std::string_view content);

}  // namespace batuta::store

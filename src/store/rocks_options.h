// How the databases are tuned. Private to `store`.
#pragma once

#include <memory>

#include "rocksdb/compaction_filter.h"
#include "rocksdb/options.h"
#include "store/rocks_tables.h"

namespace batuta::store {

// `through_disk`: everything happens inside the calls, see disk_file_system.h.
rocksdb::DBOptions DatabaseOptions(const SharedResources& shared, bool through_disk);
rocksdb::ColumnFamilyOptions TableOptionsFor(const RocksTables::TableOptions& table,
                                             const SharedResources& shared,
                                             const RocksTables::Options& options,
                                             const rocksdb::CompactionFilter* filter);

// Drops entries that `expired` names.
std::shared_ptr<const rocksdb::CompactionFilter> MakeExpiryFilter(
    std::function<bool(std::string_view key, std::string_view value)> expired);

}  // namespace batuta::store

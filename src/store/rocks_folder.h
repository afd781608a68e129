// A database's folder, made so that it outlives a loss of power. Private to `store`.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "rocksdb/env.h"

namespace batuta::store {

absl::Status MakeRocksFolder(rocksdb::Env& environment, const std::string& path);

}  // namespace batuta::store

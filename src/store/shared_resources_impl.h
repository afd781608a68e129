// The shared resources as RocksDB takes them. Private to `store`.
#pragma once

#include <memory>

#include "rocksdb/cache.h"
#include "rocksdb/write_buffer_manager.h"
#include "store/shared_resources.h"

namespace batuta::store {

struct SharedResources::Impl {
  Options options;
  std::shared_ptr<rocksdb::Cache> cache;
  std::shared_ptr<rocksdb::WriteBufferManager> write_buffers;
};

}  // namespace batuta::store

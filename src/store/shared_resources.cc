#include "store/shared_resources.h"

#include <thread>

#include "base/status.h"
#include "base/thread.h"
#include "rocksdb/env.h"
#include "store/shared_resources_impl.h"

namespace batuta::store {

SharedResources::SharedResources(const Options& options) : impl_(std::make_unique<Impl>()) {
  BATUTA_CHECK(options.background_threads > 0);
  impl_->options = options;
  impl_->cache = rocksdb::NewLRUCache(options.block_cache_bytes + options.write_buffer_bytes);
  impl_->write_buffers =
      std::make_shared<rocksdb::WriteBufferManager>(options.write_buffer_bytes, impl_->cache);
  // Threads have the priority of the one that starts them.
  std::thread([&options] {
    base::LowerPriority();
    rocksdb::Env* environment = rocksdb::Env::Default();
    // One flush at a time keeps up; the rest of the threads compact.
    environment->IncBackgroundThreadsIfNeeded(1, rocksdb::Env::HIGH);
    environment->IncBackgroundThreadsIfNeeded(options.background_threads, rocksdb::Env::LOW);
  }).join();
}

SharedResources::~SharedResources() = default;

size_t SharedResources::CacheBytes() const { return impl_->cache->GetUsage(); }

size_t SharedResources::WriteBufferBytes() const { return impl_->write_buffers->memory_usage(); }

size_t SharedResources::LimitBytes() const {
  return impl_->options.block_cache_bytes + impl_->options.write_buffer_bytes;
}

}  // namespace batuta::store

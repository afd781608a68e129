// What all databases of a process share: one block cache, one budget for memory that waits to be
// written, and the background threads.
//
// Bounds the memory of the databases together, however many partitions there are. Thread-safe. Must
// outlive every database opened with it.
#pragma once

#include <cstddef>
#include <memory>

namespace batuta::store {

class SharedResources {
 public:
  struct Options {
    size_t block_cache_bytes = size_t{128} << 20;
    // Memory of writes not yet in files. It is charged to the same cache, which is that much
    // larger, so both together stay below the sum.
    size_t write_buffer_bytes = size_t{64} << 20;
    int background_threads = 2;  // for flushes and compactions
  };

  explicit SharedResources(const Options& options);
  ~SharedResources();
  SharedResources(const SharedResources&) = delete;
  SharedResources& operator=(const SharedResources&) = delete;

  // Bytes used now: of the whole cache (blocks, indexes, filters, write buffers), and of the write
  // buffers alone.
  size_t CacheBytes() const;
  size_t WriteBufferBytes() const;
  // The most that CacheBytes() settles at; a single batch may go beyond it while it is written.
  size_t LimitBytes() const;

  struct Impl;
  const Impl& impl() const { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace batuta::store

// The blocks and block indexes of the archive that were read last, within a bound of bytes.
//
// Thread-safe. What a reader has got stays valid for as long as the reader holds it.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <tuple>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/ids.h"

namespace batuta::log {

class BlockCache {
 public:
  // A file, by its first record, and a byte in it.
  struct Key {
    base::Position file;
    uint64_t byte = 0;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  using Bytes = std::shared_ptr<const std::string>;

  explicit BlockCache(size_t max_bytes) : max_bytes_(max_bytes) {}

  Bytes Find(const Key& key);  // null if it is not there
  // Forgets what was used least recently to make room. What is larger than the bound is not kept.
  void Insert(const Key& key, Bytes bytes);
  size_t bytes() const;

 private:
  struct Item {
    Key key;
    Bytes bytes;
  };
  const size_t max_bytes_;
  mutable absl::Mutex mutex_;
  std::list<Item> items_ ABSL_GUARDED_BY(mutex_);  // the one used last is first
  std::map<Key, std::list<Item>::iterator> places_ ABSL_GUARDED_BY(mutex_);
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace batuta::log

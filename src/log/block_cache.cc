#include "log/block_cache.h"

#include <utility>

namespace batuta::log {

BlockCache::Bytes BlockCache::Find(const Key& key) {
  const absl::MutexLock lock(&mutex_);
  const auto place = places_.find(key);
  if (place == places_.end()) return nullptr;
  items_.splice(items_.begin(), items_, place->second);
  return place->second->bytes;
}

void BlockCache::Insert(const Key& key, Bytes bytes) {
  const absl::MutexLock lock(&mutex_);
  if (bytes->size() > max_bytes_ || places_.contains(key)) return;
  bytes_ += bytes->size();
  items_.push_front({.key = key, .bytes = std::move(bytes)});
  places_[key] = items_.begin();
  while (bytes_ > max_bytes_) {
    bytes_ -= items_.back().bytes->size();
    places_.erase(items_.back().key);
    items_.pop_back();
  }
}

size_t BlockCache::bytes() const {
  const absl::MutexLock lock(&mutex_);
  return bytes_;
}

}  // namespace batuta::log

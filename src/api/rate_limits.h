// How many events each key may send: a bucket per key that holds two seconds' worth. Thread-safe.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/time.h"

namespace batuta::api {

class RateLimits {
 public:
  explicit RateLimits(uint64_t per_second) : per_second_(static_cast<double>(per_second)) {}

  // Whether the key may send so many events now; if so, they are counted. A request larger than the
  // bucket passes when the bucket is full.
  bool Take(std::string_view key, size_t events, base::Duration now) {
    if (per_second_ == 0) return true;
    absl::MutexLock lock(&mutex_);
    auto found = buckets_.find(key);
    if (found == buckets_.end()) {
      found = buckets_.emplace(std::string(key), Bucket{2 * per_second_, now}).first;
    }
    Bucket& bucket = found->second;
    const double passed = static_cast<double>(now.micros - bucket.at.micros) / 1e6;
    bucket.left = std::min(2 * per_second_, bucket.left + passed * per_second_);
    bucket.at = now;
    const double wanted = std::min(static_cast<double>(events), 2 * per_second_);
    if (bucket.left < wanted) return false;
    bucket.left -= static_cast<double>(events);
    return true;
  }

 private:
  struct Bucket {
    double left;
    base::Duration at;
  };

  const double per_second_;
  absl::Mutex mutex_;
  std::map<std::string, Bucket, std::less<>> buckets_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace batuta::api

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
  struct Wish {
    size_t events = 0;
    uint64_t per_second = 0;  // that the key may send; 0: any number
  };

  // Zero if the key may send so many events now, which are then counted; else how long it has to
  // wait until it may. A request larger than the bucket passes when the bucket is full.
  base::Duration Take(std::string_view key, const Wish& wish, base::Duration now) {
    if (wish.per_second == 0) return {};
    const auto rate = static_cast<double>(wish.per_second);
    absl::MutexLock lock(&mutex_);
    auto found = buckets_.find(key);
    if (found == buckets_.end()) {
      found = buckets_.emplace(std::string(key), Bucket{2 * rate, now}).first;
    }
    Bucket& bucket = found->second;
    const double passed = static_cast<double>(now.micros - bucket.at.micros) / 1e6;
    bucket.left = std::min(2 * rate, bucket.left + passed * rate);
    bucket.at = now;
    const double wanted = std::min(static_cast<double>(wish.events), 2 * rate);
    if (bucket.left < wanted) {
      return {static_cast<int64_t>((wanted - bucket.left) / rate * 1e6) + 1};
    }
    bucket.left -= static_cast<double>(wish.events);
    return {};
  }

 private:
  struct Bucket {
    double left;
    base::Duration at;
  };

  absl::Mutex mutex_;
  std::map<std::string, Bucket, std::less<>> buckets_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace batuta::api

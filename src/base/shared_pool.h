// Values that are in use, by a key that says all that they are made of, so that those who make the
// same share one.
//
// Keeps nothing alive itself. Thread-safe: of several who ask for a value that is not there one
// makes it, and the others wait.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace batuta::base {

template <typename T>
class SharedPool {
 public:
  // The value of that key: one that is in use, else the one that `make` gives.
  std::shared_ptr<const T> Get(std::string_view key,
                               const std::function<std::shared_ptr<const T>()>& make) {
    const absl::MutexLock lock(&mutex_);
    const auto found = values_.find(key);
    if (found != values_.end()) {
      if (auto value = found->second.lock()) return value;
    }
    std::erase_if(values_, [](const auto& one) { return one.second.expired(); });
    auto value = make();
    values_[std::string(key)] = value;
    return value;
  }

 private:
  absl::Mutex mutex_;
  std::map<std::string, std::weak_ptr<const T>, std::less<>> values_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace batuta::base

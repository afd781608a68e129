// Turns at something that only one may do at a time: whoever asks waits until those before have
// ended, without holding a thread.
//
// Thread-safe. Internal to this folder.
#pragma once

#include <deque>
#include <functional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace batuta::api {

class Turns {
 public:
  // Calls `begin` at once, or when its turn comes; each End makes room for one more.
  void Ask(std::function<void()> begin) {
    {
      absl::MutexLock lock(&mutex_);
      if (is_taken_) return waiting_.push_back(std::move(begin));
      is_taken_ = true;
    }
    begin();
  }
  void End() {
    std::function<void()> next;
    {
      absl::MutexLock lock(&mutex_);
      if (waiting_.empty()) {
        is_taken_ = false;
        return;
      }
      next = std::move(waiting_.front());
      waiting_.pop_front();
    }
    next();
  }

 private:
  absl::Mutex mutex_;
  bool is_taken_ ABSL_GUARDED_BY(mutex_) = false;
  std::deque<std::function<void()>> waiting_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace batuta::api

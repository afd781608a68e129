// Threads beside the server's and the hub's, for what must not hold those up: reading the history,
// opening sealed values, compiling definitions, backups; and timers for requests that wait.
//
// Thread-safe. Bounded: Post refuses when too much waits. Tasks that still wait when it ends are
// dropped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/time.h"

namespace batuta::api {

class Background {
 public:
  enum class Priority : uint8_t { kNormal, kLow };  // low: others first when the machine is busy

  Background(size_t threads, size_t waiting_max, Priority priority = Priority::kNormal);
  ~Background();

  // False if too much waits; the task is dropped then.
  bool Post(std::function<void()> task);

  // Runs the task about that much later. Timers are not counted as waiting.
  void After(base::Duration delay, std::function<void()> task);

 private:
  void Work();

  const size_t waiting_max_;
  absl::Mutex mutex_;
  absl::CondVar arrived_;
  std::deque<std::function<void()>> tasks_ ABSL_GUARDED_BY(mutex_);
  std::multimap<absl::Time, std::function<void()>> timers_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace batuta::api

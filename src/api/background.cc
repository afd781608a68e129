#include "api/background.h"

#include <utility>

#include "absl/time/clock.h"
#include "base/thread.h"

namespace batuta::api {

Background::Background(size_t threads, size_t waiting_max, Priority priority)
    : waiting_max_(waiting_max) {
  for (size_t i = 0; i < threads; ++i) {
    threads_.emplace_back([this, priority] {
      if (priority == Priority::kLow) base::LowerPriority();
      Work();
    });
  }
}

Background::~Background() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    arrived_.SignalAll();
  }
  for (std::thread& thread : threads_) thread.join();
}

bool Background::Post(std::function<void()> task) {
  absl::MutexLock lock(&mutex_);
  if (tasks_.size() >= waiting_max_) return false;
  tasks_.push_back(std::move(task));
  arrived_.Signal();
  return true;
}

void Background::After(base::Duration delay, std::function<void()> task) {
  const absl::Time due = absl::Now() + absl::Microseconds(delay.micros);
  absl::MutexLock lock(&mutex_);
  const bool is_first = timers_.empty() || due < timers_.begin()->first;
  timers_.emplace(due, std::move(task));
  if (is_first) arrived_.Signal();
}

void Background::Work() {
  while (true) {
    std::function<void()> task;
    {
      absl::MutexLock lock(&mutex_);
      while (!stopping_ && tasks_.empty() &&
             (timers_.empty() || timers_.begin()->first > absl::Now())) {
        if (timers_.empty()) {
          arrived_.Wait(&mutex_);
        } else {
          arrived_.WaitWithDeadline(&mutex_, timers_.begin()->first);
        }
      }
      if (stopping_) return;
      if (!timers_.empty() && timers_.begin()->first <= absl::Now()) {
        task = std::move(timers_.begin()->second);
        timers_.erase(timers_.begin());
      } else {
        task = std::move(tasks_.front());
        tasks_.pop_front();
      }
    }
    task();
  }
}

}  // namespace batuta::api

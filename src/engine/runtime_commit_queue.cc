#include "engine/runtime_commit_queue.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace batuta::engine {

size_t CommitQueue::BytesOf(const CommitRequest& request) {
  constexpr size_t kOverhead = 64;
  size_t bytes = 0;
  for (const log::Entry& entry : request.entries) bytes += entry.payload.size() + kOverhead;
  return bytes;
}

absl::Status CommitQueue::Push(CommitRequest request) {
  const size_t bytes = BytesOf(request);
  absl::MutexLock lock(&mutex_);
  if (!request.internal) {
    if (closed_) return absl::UnavailableError("the hub is stopping");
    if (entries_ + request.entries.size() > entries_max_ && entries_ > 0) {
      return absl::ResourceExhaustedError("too many events wait to be written; retry shortly");
    }
    if (bytes_ + bytes > bytes_max_ && bytes_ > 0) {
      return absl::ResourceExhaustedError("too many bytes wait to be written; retry shortly");
    }
  }
  entries_ += request.entries.size();
  bytes_ += bytes;
  queue_.push_back(std::move(request));
  arrived_.Signal();
  return absl::OkStatus();
}

std::vector<CommitRequest> CommitQueue::Pop(size_t bytes_max, absl::Duration wait) {
  std::vector<CommitRequest> taken;
  absl::MutexLock lock(&mutex_);
  if (queue_.empty() && !closed_ && !woken_ && wait > absl::ZeroDuration()) {
    arrived_.WaitWithTimeout(&mutex_, wait);
  }
  woken_ = false;
  size_t bytes = 0;
  while (!queue_.empty()) {
    const size_t next = BytesOf(queue_.front());
    if (!taken.empty() && bytes + next > bytes_max) break;
    bytes += next;
    entries_ -= queue_.front().entries.size();
    taken.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  bytes_ -= bytes;
  return taken;
}

void CommitQueue::Return(std::vector<CommitRequest> requests) {
  absl::MutexLock lock(&mutex_);
  for (const CommitRequest& request : requests) {
    entries_ += request.entries.size();
    bytes_ += BytesOf(request);
  }
  queue_.insert(queue_.begin(), std::make_move_iterator(requests.begin()),
                std::make_move_iterator(requests.end()));
}

void CommitQueue::Close() {
  absl::MutexLock lock(&mutex_);
  closed_ = true;
  arrived_.SignalAll();
}

void CommitQueue::Wake() {
  absl::MutexLock lock(&mutex_);
  woken_ = true;
  arrived_.SignalAll();
}

bool CommitQueue::IsEmpty() const {
  absl::MutexLock lock(&mutex_);
  return queue_.empty();
}

double CommitQueue::Fullness() const {
  absl::MutexLock lock(&mutex_);
  return std::max(static_cast<double>(entries_) / static_cast<double>(entries_max_),
                  static_cast<double>(bytes_) / static_cast<double>(bytes_max_));
}

}  // namespace batuta::engine

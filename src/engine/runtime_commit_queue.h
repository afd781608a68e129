// What waits to be committed to the log: groups of entries from clients, and messages between
// partitions. Groups stay in the order of their arrival.
//
// Clients' groups are refused beyond a bound; messages never are, as the state that sent them has
// moved on: they are bounded by the records that cause them. Thread-safe.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/ids.h"
#include "log/record.h"

namespace batuta::engine {

// Called once, by the committer: with the places of the entries once they are durable, or why not.
using CommitDone = std::function<void(absl::StatusOr<std::vector<base::Position>>)>;

struct CommitRequest {
  std::vector<log::Entry> entries = {};  // may be empty: a barrier behind everything queued before
  CommitDone done = nullptr;             // may be empty
  bool internal = false;                 // must not be refused
};

class CommitQueue {
 public:
  CommitQueue(size_t entries_max, size_t bytes_max)
      : entries_max_(entries_max), bytes_max_(bytes_max) {}

  // ResourceExhausted when the queue is full, Unavailable after Close(); then `done` is not called.
  absl::Status Push(CommitRequest request);

  // The oldest requests, up to `bytes_max` of payload but at least one; none if nothing comes until
  // the deadline.
  std::vector<CommitRequest> Pop(size_t bytes_max, absl::Duration wait);

  // Puts requests back to the front, in their order.
  void Return(std::vector<CommitRequest> requests);

  // From now on Push refuses and Pop does not wait.
  void Close();
  void Wake();  // ends a Pop that waits

  bool IsEmpty() const;
  double Fullness() const;  // 0 to 1 and beyond

 private:
  static size_t BytesOf(const CommitRequest& request);

  const size_t entries_max_;
  const size_t bytes_max_;
  mutable absl::Mutex mutex_;
  absl::CondVar arrived_;
  std::deque<CommitRequest> queue_ ABSL_GUARDED_BY(mutex_);
  size_t entries_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace batuta::engine

// From requests to durable records. A request's entries get their places in the log at once, and
// are handed on to be applied; the committer makes them durable behind that, many with one sync.
// So what one record leads to, and what that leads to, costs one sync together. Nobody outside may
// learn of a record before it is durable: who applies it holds back what it says until durable()
// has reached its number.
//
// Requests that the log has no room for wait, and all others behind them, until the committer has
// made room. Clients' requests are refused beyond a bound; the hub's own never are, as the state
// that sent them has moved on: they are bounded by the records that cause them.
//
// Thread-safe; Step is called by one thread at a time, the committer.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/ids.h"
#include "engine/runtime_options.h"
#include "log/record.h"

namespace batuta::engine {

// Called once, by the committer: with the places of the entries once they are durable, or why not.
using CommitDone = std::function<void(absl::StatusOr<std::vector<base::Position>>)>;

struct CommitRequest {
  std::vector<log::Entry> entries = {};  // none: a barrier behind what has no place yet
  CommitDone done = nullptr;             // may be empty
  bool internal = false;                 // must not be refused
};

class Committer {
 public:
  // Takes entries that have got their places. The numbers count requests, from 1, in the order of
  // the log. Called under a lock, so that the order of the calls is that of the numbers: it must
  // only hand on.
  using Placed = std::function<void(std::vector<log::Entry> entries,
                                    const std::vector<base::Offset>& offsets, uint64_t number)>;

  // The options outlive the committer. `moved` is called by it before it waits for the disk, and
  // when durable() has gone up: whoever has something to do now may be woken.
  Committer(const RuntimeOptions& options, Placed placed, std::function<void()> moved);

  // Takes the request as one atomic group. ResourceExhausted when too much waits, Unavailable after
  // Close(); then `done` is not called. A barrier is called at once if everything before it has its
  // place.
  absl::Status Push(CommitRequest request);

  // Makes durable what has its place, and makes room for what has none. Waits so long if there is
  // nothing to do. False if nothing was done.
  bool Step(absl::Duration wait);

  // Requests up to this number are durable.
  uint64_t durable() const { return durable_.load(); }
  // No request waits, for a place or for the disk.
  bool IsEmpty() const;
  double Fullness() const;  // of what waits for either; 0 to 1 and beyond

  // While the disk is full clients are to be refused; what has a place waits for space.
  bool DiskFull() const { return disk_full_.load(std::memory_order_acquire); }
  // Looks whether there is space again.
  void LookForSpace();

  void Close();  // from now on clients are refused, and Step does not wait
  void Wake();   // ends a Step that waits

 private:
  struct Waiting {  // for the disk
    CommitDone done;
    std::vector<base::Position> positions;
    size_t entries = 0;
    size_t bytes = 0;
  };
  // Makes up a request's entry in the list of those that wait for the disk, and hands it on.
  void HandOn(CommitRequest request, const std::vector<base::Offset>& offsets,
              std::vector<Waiting>& list) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool TryStage(CommitRequest& request) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SealStaged() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool CommitSealed();
  bool MakeRoom();
  absl::Status AppendWaiting(std::vector<CommitRequest>& requests);
  void StageUnplaced() ABSL_LOCKS_EXCLUDED(mutex_);
  void Refuse(std::vector<CommitRequest> requests, const absl::Status& status);
  absl::Status SyncKeys() const;
  void Finish(std::vector<Waiting> waiting) ABSL_LOCKS_EXCLUDED(mutex_);
  void UseReserve();  // for what cannot be refused any more

  const RuntimeOptions& options_;
  const Placed placed_;
  const std::function<void()> moved_;

  mutable absl::Mutex mutex_;
  absl::CondVar arrived_;
  std::vector<Waiting> staged_ ABSL_GUARDED_BY(mutex_);
  bool has_clients_staged_ ABSL_GUARDED_BY(mutex_) = false;
  std::deque<CommitRequest> unplaced_ ABSL_GUARDED_BY(mutex_);
  bool is_making_room_ ABSL_GUARDED_BY(mutex_) = false;
  uint64_t number_ ABSL_GUARDED_BY(mutex_) = 0;  // the last request's that has its place
  size_t entries_ ABSL_GUARDED_BY(mutex_) = 0;   // of all that waits
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;

  // Of the committer alone: what is being made durable, up to which number.
  std::vector<Waiting> sealed_;
  bool has_clients_sealed_ = false;
  uint64_t sealed_number_ = 0;

  std::atomic<uint64_t> durable_ = 0;
  std::atomic<bool> disk_full_ = false;
};

}  // namespace batuta::engine

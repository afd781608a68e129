#include "engine/runtime_committer.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/status.h"

namespace batuta::engine {
namespace {

size_t BytesOf(const CommitRequest& request) {
  constexpr size_t kOverhead = 64;
  size_t bytes = 0;
  for (const log::Entry& entry : request.entries) bytes += entry.payload.size() + kOverhead;
  return bytes;
}

}  // namespace

Committer::Committer(const RuntimeOptions& options, Placed placed, std::function<void()> moved)
    : options_(options), placed_(std::move(placed)), moved_(std::move(moved)) {}

absl::Status Committer::Push(CommitRequest request) {
  const size_t bytes = BytesOf(request);
  const size_t entries = request.entries.size();
  {
    absl::MutexLock lock(&mutex_);
    if (!request.internal) {
      if (closed_) return absl::UnavailableError("the hub is stopping");
      if (entries_ + entries > options_.queue_entries_max && entries_ > 0) {
        return absl::ResourceExhaustedError("too many events wait to be written; retry shortly");
      }
      if (bytes_ + bytes > options_.queue_bytes_max && bytes_ > 0) {
        return absl::ResourceExhaustedError("too many bytes wait to be written; retry shortly");
      }
    }
    entries_ += entries;
    bytes_ += bytes;
    const bool must_wait = is_making_room_ || !unplaced_.empty();
    if (entries > 0 || must_wait) {
      if (must_wait || !TryStage(request)) unplaced_.push_back(std::move(request));
      arrived_.Signal();
      return absl::OkStatus();
    }
  }
  if (request.done) request.done(std::vector<base::Position>());
  return absl::OkStatus();
}

bool Committer::TryStage(CommitRequest& request) {
  const auto offsets = options_.log->Stage(request.entries);
  if (!offsets) return false;
  has_clients_staged_ |= !request.internal;
  HandOn(std::move(request), *offsets, staged_);
  return true;
}

void Committer::HandOn(CommitRequest request, const std::vector<base::Offset>& offsets,
                       std::vector<Waiting>& list) {
  Waiting& waiting = list.emplace_back();
  waiting.entries = request.entries.size();
  waiting.bytes = BytesOf(request);
  waiting.done = std::move(request.done);
  if (waiting.done) {
    waiting.positions.reserve(offsets.size());
    for (size_t i = 0; i < offsets.size(); ++i) {
      waiting.positions.push_back({request.entries[i].partition, offsets[i]});
    }
  }
  placed_(std::move(request.entries), offsets, ++number_);
}

bool Committer::Step(absl::Duration wait) {
  {
    absl::MutexLock lock(&mutex_);
    const bool is_idle = staged_.empty() && unplaced_.empty() && sealed_.empty();
    if (is_idle && !closed_ && !woken_ && wait > absl::ZeroDuration()) {
      arrived_.WaitWithTimeout(&mutex_, wait);
    }
    woken_ = false;
    SealStaged();
  }
  const bool has_committed = CommitSealed();
  return MakeRoom() || has_committed;
}

void Committer::SealStaged() {
  if (staged_.empty()) return;
  options_.log->Seal();
  sealed_.insert(sealed_.end(), std::make_move_iterator(staged_.begin()),
                 std::make_move_iterator(staged_.end()));
  staged_.clear();
  has_clients_sealed_ |= std::exchange(has_clients_staged_, false);
  sealed_number_ = number_;
}

// What the hub says to itself is sealed under keys that are durable already; for the rest, keys
// come before the records that are sealed under them.
absl::Status Committer::SyncKeys() const {
  if (!options_.HasRoom(0)) return absl::ResourceExhaustedError("no room for keys");
  if (options_.vault == nullptr) return absl::OkStatus();
  if (const absl::Status synced = options_.vault->Sync(); !synced.ok()) options_.EndProcess(synced);
  return absl::OkStatus();
}

bool Committer::CommitSealed() {
  if (sealed_.empty()) return false;
  moved_();
  absl::Status committed = has_clients_sealed_ ? SyncKeys() : absl::OkStatus();
  if (committed.ok()) committed = options_.log->Commit();
  if (!committed.ok()) {
    if (!absl::IsResourceExhausted(committed)) options_.EndProcess(committed);
    disk_full_.store(true, std::memory_order_release);
    UseReserve();
    return false;
  }
  has_clients_sealed_ = false;
  durable_.store(sealed_number_);
  moved_();
  Finish(std::exchange(sealed_, {}));
  return true;
}

void Committer::Finish(std::vector<Waiting> waiting) {
  {
    absl::MutexLock lock(&mutex_);
    for (const Waiting& one : waiting) {
      entries_ -= one.entries;
      bytes_ -= one.bytes;
    }
  }
  for (Waiting& one : waiting) {
    if (one.done) one.done(std::move(one.positions));
  }
}

// The requests that wait for a place become a group of their own, in a segment that has room.
bool Committer::MakeRoom() {
  std::vector<CommitRequest> requests;
  {
    absl::MutexLock lock(&mutex_);
    if (unplaced_.empty()) return false;
    is_making_room_ = true;
    SealStaged();  // what got its place meanwhile comes before
  }
  if (!sealed_.empty() && !CommitSealed()) {
    absl::MutexLock lock(&mutex_);
    is_making_room_ = false;
    return false;
  }
  {
    absl::MutexLock lock(&mutex_);
    size_t bytes = 0;
    while (!unplaced_.empty()) {
      bytes += BytesOf(unplaced_.front());
      if (!requests.empty() && bytes > options_.group_bytes_max) break;
      requests.push_back(std::move(unplaced_.front()));
      unplaced_.pop_front();
    }
  }
  const absl::Status appended = AppendWaiting(requests);
  if (!appended.ok()) Refuse(std::move(requests), appended);
  StageUnplaced();
  moved_();
  return appended.ok();
}

absl::Status Committer::AppendWaiting(std::vector<CommitRequest>& requests) {
  std::vector<log::Entry> entries;
  bool has_clients = false;
  for (CommitRequest& request : requests) {
    has_clients |= !request.internal;
    entries.insert(entries.end(), request.entries.begin(), request.entries.end());
  }
  if (has_clients) BATUTA_RETURN_IF_ERROR(SyncKeys());
  BATUTA_ASSIGN_OR_RETURN(const std::vector<base::Offset> offsets, options_.log->Append(entries));
  std::vector<Waiting> durable;
  {
    absl::MutexLock lock(&mutex_);
    auto next = offsets.begin();
    for (CommitRequest& request : requests) {
      const auto end = next + static_cast<ptrdiff_t>(request.entries.size());
      HandOn(std::move(request), std::vector<base::Offset>(next, end), durable);
      next = end;
    }
    durable_.store(number_);
  }
  Finish(std::move(durable));
  return absl::OkStatus();
}

// Those that come next may find room now; until one does not, they have their places in order.
void Committer::StageUnplaced() {
  std::vector<CommitDone> barriers;
  {
    absl::MutexLock lock(&mutex_);
    is_making_room_ = false;
    while (!unplaced_.empty()) {
      CommitRequest& request = unplaced_.front();
      if (request.entries.empty()) {
        if (request.done) barriers.push_back(std::move(request.done));
      } else if ((DiskFull() && !request.internal) || !TryStage(request)) {
        break;
      }
      unplaced_.pop_front();
    }
  }
  for (const CommitDone& barrier : barriers) barrier(std::vector<base::Position>());
}

// Without space, clients are refused; what the hub says to itself waits.
void Committer::Refuse(std::vector<CommitRequest> requests, const absl::Status& status) {
  if (!absl::IsResourceExhausted(status)) options_.EndProcess(status);
  disk_full_.store(true, std::memory_order_release);  // as those who are refused may ask why
  bool keeps_some = false;
  std::vector<CommitDone> refused;
  {
    absl::MutexLock lock(&mutex_);
    for (auto request = requests.rbegin(); request != requests.rend(); ++request) {
      if (request->internal) {
        unplaced_.push_front(std::move(*request));
        keeps_some = true;
        continue;
      }
      entries_ -= request->entries.size();
      bytes_ -= BytesOf(*request);
      if (request->done) refused.push_back(std::move(request->done));
    }
  }
  for (auto done = refused.rbegin(); done != refused.rend(); ++done) {
    (*done)(absl::ResourceExhaustedError("the disk is full: nothing was stored"));
  }
  if (keeps_some) UseReserve();
}

void Committer::UseReserve() {
  if (!options_.release_reserve) return;
  if (const absl::Status released = options_.release_reserve(); !released.ok())
    options_.EndProcess(released);
}

void Committer::LookForSpace() {
  if (DiskFull() && options_.HasRoom(0) && options_.restore_reserve &&
      options_.restore_reserve().ok()) {
    disk_full_.store(false, std::memory_order_release);
  }
}

bool Committer::IsEmpty() const {
  absl::MutexLock lock(&mutex_);
  return entries_ == 0 && unplaced_.empty();
}

double Committer::Fullness() const {
  absl::MutexLock lock(&mutex_);
  return std::max(static_cast<double>(entries_) / static_cast<double>(options_.queue_entries_max),
                  static_cast<double>(bytes_) / static_cast<double>(options_.queue_bytes_max));
}

void Committer::Close() {
  absl::MutexLock lock(&mutex_);
  closed_ = true;
  arrived_.SignalAll();
}

void Committer::Wake() {
  absl::MutexLock lock(&mutex_);
  woken_ = true;
  arrived_.SignalAll();
}

}  // namespace batuta::engine

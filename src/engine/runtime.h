// The runtime of a hub: it gives what comes in a place in the log, lets the partitions fold it,
// carries messages between them exactly once, ticks, and writes checkpoints.
//
// Folding goes ahead of the disk, so that a chain of records costs one sync; what is not durable
// stays inside. Answers, checkpoints and tasks that look at the state wait until everything that
// they come from is durable; what a crash then loses, nobody has seen.
//
// All of it happens in steps that hold no thread: Start() runs them on threads (one committer, the
// workers, one checkpointer); a simulation calls them one by one in an order of its own. Methods
// may be called from any thread unless said otherwise.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "engine/backlog.h"
#include "engine/runtime_committer.h"
#include "engine/runtime_options.h"
#include "engine/runtime_partition.h"

namespace batuta::engine {

using AnswerHandler = std::function<void(absl::StatusOr<std::string>)>;

class Runtime {
 public:
  // Brings every partition up to the end of its log and queues the messages that a crash kept from
  // being sent. Errors: DataLoss when the state is ahead of the log, or the log's own.
  static absl::StatusOr<std::unique_ptr<Runtime>> Recover(RuntimeOptions options);
  ~Runtime();

  // Starts the threads. Stop() refuses new work, lets what was accepted be committed and applied,
  // takes a last checkpoint, and joins the threads.
  void Start();
  void Stop();

  // Takes entries as one atomic group. `done` is called once, on the committer's thread, when they
  // are durable. ResourceExhausted: too much waits, nothing was stored; Unavailable: stopping.
  absl::Status Append(std::vector<log::Entry> entries, CommitDone done);

  // For the hub's own records, which are never refused.
  void AppendInternal(std::vector<log::Entry> entries, CommitDone done = nullptr);

  // True once after each change of an outbox, and after recovery.
  bool TakeOutboxChanged() { return outbox_changed_.exchange(false); }
  // Likewise, of features that have to be found from the history (runtime_reach.h).
  bool TakeReachChanged() { return reach_changed_.exchange(false); }

  // Runs a task on the thread that writes checkpoints: no database is being written meanwhile.
  void RunBesideCheckpoints(std::function<void()> task);

  // Runs a task on the partition's thread, after everything durable so far has been applied there.
  // What it sees is durable.
  void Run(base::PartitionId partition, std::function<void(Fold&)> task);

  // Calls `answer` once with the result of the request of this id, when what it comes from is
  // durable. To be called before the request
  // is appended; Forget() takes it back.
  void Await(const base::RecordId& request, AnswerHandler answer);
  void Forget(const base::RecordId& request);

  // Calls `settled` when everything durable at the call, and the messages that it led to directly
  // and at one remove, are applied: what a request needs that must read its own writes. Tasks that
  // were given before have been run, too: while one waits, its partition applies nothing.
  void Settle(std::function<void()> settled);

  // 0 to 1 and beyond: how full the queues are. From 0.8 on, clients should be refused early.
  double Pressure() const;
  // Changes in memory that are not in the databases yet, of all partitions.
  size_t UnwrittenBytes() const;
  bool DiskFull() const { return committer_.DiskFull(); }

  uint16_t partitions() const { return static_cast<uint16_t>(partitions_.size() - 1); }
  base::PartitionId control() const { return base::PartitionId{partitions()}; }
  // The last applied, and the last checkpointed, offset of each partition, the control one last.
  std::vector<base::Offset> Applied() const;
  std::vector<base::Offset> Checkpointed() const;
  void RequestCheckpoints();

  // Steps; each returns whether it did anything. A partition's steps are called by one thread at a
  // time, the other two likewise. StepTicks: appends ticks for the timers that are due.
  bool StepCommit(absl::Duration wait = absl::ZeroDuration());
  bool StepPartition(base::PartitionId partition);
  bool StepCheckpoint();
  bool StepTicks();

  RuntimePartition& partition(base::PartitionId id) { return *partitions_[base::Index(id)]; }

  // Use Recover.
  explicit Runtime(RuntimeOptions options);

 private:
  absl::Status CatchUp();
  absl::Status CatchUpPartition(RuntimePartition& partition, std::vector<log::Entry>& unsent);
  absl::Status FindLoggedWatermarks();
  // Writes its place into the message. Stamped no earlier than the log time that it was made at:
  // nobody comes to a partition where it is earlier than where their features were brought up to
  // date.
  log::Entry MessageEntry(const RuntimePartition& partition, Outgoing& outgoing) const;
  void Send(RuntimePartition& partition, Effects& effects);
  void Deliver(std::vector<Answer> answers);
  std::unique_ptr<CheckpointJob> TakeCheckpoint() ABSL_LOCKS_EXCLUDED(checkpoints_mutex_);
  // Takes the request, and wakes those who apply it at once: nobody waits for events to be applied,
  // and their turn comes with the next group, many at once.
  absl::Status Push(CommitRequest request);
  void HandOut(std::vector<log::Entry> entries, const std::vector<base::Offset>& offsets,
               uint64_t number);
  void WakeAll();  // who have something to do
  // The task may see what is not durable yet.
  void RunAhead(base::PartitionId partition, std::function<void(Fold&)> task);
  void SettleRound(int rounds_left, std::shared_ptr<std::function<void()>> settled);
  void Signal(base::PartitionId partition);
  void RunWorker(size_t worker);
  void RunCommitter();
  void RunCheckpointer();
  bool IsQuiet() const;

  const RuntimeOptions options_;
  std::vector<std::unique_ptr<RuntimePartition>> partitions_;
  Committer committer_;
  // For recovery: by destination, then source, the last message that the destination's log holds.
  std::vector<std::vector<MessageNumber>> logged_;

  Backlog backlog_;

  absl::Mutex answers_mutex_;
  absl::flat_hash_map<base::Id128, AnswerHandler> answers_ ABSL_GUARDED_BY(answers_mutex_);

  absl::Mutex checkpoints_mutex_;
  absl::CondVar checkpoint_arrived_;
  std::vector<std::unique_ptr<CheckpointJob>> checkpoints_ ABSL_GUARDED_BY(checkpoints_mutex_);
  std::vector<std::function<void()>> checkpoint_tasks_ ABSL_GUARDED_BY(checkpoints_mutex_);
  std::atomic<bool> outbox_changed_ = true;
  std::atomic<bool> reach_changed_ = true;

  struct Bell {
    absl::Mutex mutex;
    absl::CondVar rung;
    bool pending ABSL_GUARDED_BY(mutex) = false;
  };
  std::vector<std::unique_ptr<Bell>> bells_;  // by worker
  std::atomic<bool> ticking_ = true;          // until stopping
  std::atomic<bool> stop_committer_ = false;
  std::atomic<bool> stop_checkpointer_ = false;
  std::atomic<bool> stop_workers_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace batuta::engine

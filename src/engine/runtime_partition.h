// One partition at work: its inbox, its fold, and the checkpoints of its state.
//
// Everything but Post() and the atomic readings is called by the partition's thread alone. It does
// not write to the log or the database itself: messages go to the commit queue, frozen state to the
// checkpoint queue.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "engine/effects.h"
#include "engine/fold.h"
#include "engine/runtime_options.h"
#include "log/record.h"
#include "store/batch.h"

namespace batuta::engine {

// A frozen state to be written: valid once every message emitted by the records up to
// `last_emission` is durable in its destination's log.
struct CheckpointJob {
  base::PartitionId partition{};
  base::Offset applied{};
  base::Offset last_emission{};
  base::Time log_time;
  FrozenState frozen;
  std::optional<store::Batch> batch = std::nullopt;  // of `frozen`, made by the writer
};

class RuntimePartition {
 public:
  // A batch of records to apply, or something to do with the fold, in the order of arrival.
  struct Work {
    std::vector<log::Record> records = {};
    uint64_t number = 0;  // of the records' request (runtime_committer.h)
    std::function<void(Fold&)> task = nullptr;
    bool ahead = false;  // the task may see what is not durable yet
  };

  RuntimePartition(const RuntimeOptions& options, base::PartitionId partition,
                   std::shared_ptr<Shared> shared);

  base::PartitionId id() const { return id_; }
  Fold& fold() { return *fold_; }

  void Post(Work work) ABSL_LOCKS_EXCLUDED(mutex_);  // any thread

  // Applies what waits in the inbox; the messages are appended to `effects`, answers are held back.
  // False if there was nothing, or if it stands still: while a task waits for what has been applied
  // to be durable, no more is applied.
  bool DoWork(Effects& effects) ABSL_LOCKS_EXCLUDED(mutex_);

  // Runs the tasks that may be run when requests up to `durable` are durable; false if none.
  bool RunTasks(uint64_t durable);
  // The answers of which nothing can be lost any more.
  std::vector<Answer> TakeAnswers(uint64_t durable);
  // The least number that a task or an answer waits for; the greatest there is if none does. Set
  // by Wait(), read by any thread.
  uint64_t waits_for() const { return waits_for_.load(); }
  void Wait();
  // Whether a step would do something; any thread.
  bool HasWork(uint64_t durable) ABSL_LOCKS_EXCLUDED(mutex_);

  // Uses an idle moment; false if there is nothing to use it for.
  bool WarmUp() { return fold_->WarmUp(); }

  // Applies one record; used by recovery, before the threads start.
  void Apply(const log::Record& record, Effects& effects);
  void CatchUpStep();  // keeps the cache within its bound between records
  void CaughtUp() { Publish(); }
  base::Time log_time() const { return fold_->log_time(); }
  base::Offset last_emission() const { return last_emission_; }

  // Moves the checkpoint forward: freezes when one is due, encodes a part of what is frozen, and
  // gives the job once all is encoded. The step is about as long as applying that many records.
  std::unique_ptr<CheckpointJob> AdvanceCheckpoint(size_t records);
  bool IsEncoding() const { return checkpoint_ == Checkpoint::kEncoding; }
  void RequestCheckpoint() { checkpoint_requested_.store(true, std::memory_order_release); }
  void CheckpointWritten(base::Offset applied, base::Time log_time);

  // Any thread. Records up to this offset are applied; or are in the database.
  base::Offset applied() const { return base::Offset{applied_.load(std::memory_order_acquire)}; }
  base::Offset checkpointed() const {
    return base::Offset{checkpointed_.load(std::memory_order_acquire)};
  }
  // Log time at the last written checkpoint.
  base::Time checkpointed_log_time() const {
    return {checkpointed_log_time_.load(std::memory_order_acquire)};
  }
  // Changes in memory that are not in the database yet.
  size_t unwritten_bytes() const { return unwritten_bytes_.load(std::memory_order_acquire); }
  base::Time next_due() const { return {next_due_.load(std::memory_order_acquire)}; }
  // What a tick is to be stamped with: the wall's time; or, while the wall clock is behind log
  // time, log time carried on by the clock that never goes back, so that timers do not wait for the
  // wall.
  base::Time Now() const;
  // Every message emitted by the records up to this offset is durable.
  void MessagesDurable(base::Offset emission);
  base::Offset messages_durable() const {
    return base::Offset{messages_durable_.load(std::memory_order_acquire)};
  }
  // Set by the runtime when it appends a tick, cleared when the fold has applied one.
  std::atomic<bool> tick_under_way = false;

 private:
  bool CheckpointDue() const;
  void Publish();

  const RuntimeOptions& options_;
  const base::PartitionId id_;
  const std::unique_ptr<Fold> fold_;
  size_t cache_bytes_ = 0;

  absl::Mutex mutex_;
  std::deque<Work> inbox_ ABSL_GUARDED_BY(mutex_);

  struct HeldAnswer {
    uint64_t number = 0;  // of the request whose record it comes from
    Answer answer;
  };
  using Tasks = std::vector<std::function<void(Fold&)>>;
  uint64_t number_ = 0;  // of the last request applied
  Tasks tasks_ahead_;
  Tasks tasks_;
  std::deque<HeldAnswer> held_;
  std::atomic<uint64_t> waits_for_ = ~uint64_t{0};

  enum class Checkpoint { kNone, kEncoding, kWriting };
  Checkpoint checkpoint_ = Checkpoint::kNone;
  std::unique_ptr<CheckpointJob> job_;
  uint64_t records_since_checkpoint_ = 0;
  base::Duration last_checkpoint_at_;
  base::Offset last_emission_{};
  std::atomic<bool> checkpoint_requested_ = false;

  std::atomic<uint64_t> applied_ = 0;
  std::atomic<uint64_t> checkpointed_ = 0;
  std::atomic<uint64_t> messages_durable_ = 0;
  std::atomic<int64_t> checkpointed_log_time_ = base::kDistantPast.micros;
  std::atomic<size_t> unwritten_bytes_ = 0;
  std::atomic<int64_t> next_due_ = base::kDistantFuture.micros;
  base::Time published_log_time_ = base::kDistantPast;
  std::atomic<int64_t> log_time_ahead_ = 0;  // of the monotonic clock, when log time last moved
};

}  // namespace batuta::engine

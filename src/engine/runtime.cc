#include "engine/runtime.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/thread.h"

namespace batuta::engine {
namespace {

constexpr absl::Duration kIdleWait = absl::Milliseconds(5);
// Rounds of "apply, then commit what that sent" that a settling reader waits for: an event reaches
// its person in two hops at most, unless persons are merging.
constexpr int kSettleRounds = 3;

}  // namespace

Runtime::Runtime(RuntimeOptions options)
    : options_(std::move(options)),
      committer_(
          options_,
          [this](std::vector<log::Entry> entries, const std::vector<base::Offset>& offsets,
                 uint64_t number) { HandOut(std::move(entries), offsets, number); },
          [this] { WakeAll(); }) {
  BATUTA_CHECK(options_.databases.size() >= 2, "a hub has partitions, and a control partition");
  BATUTA_CHECK(options_.workers > 0 && options_.fatal != nullptr);
  const auto shared = std::make_shared<Shared>();
  for (size_t i = 0; i < options_.databases.size(); ++i) {
    partitions_.push_back(std::make_unique<RuntimePartition>(
        options_, base::PartitionId{static_cast<uint16_t>(i)}, shared));
  }
  for (size_t i = 0; i < options_.workers; ++i) bells_.push_back(std::make_unique<Bell>());
}

Runtime::~Runtime() { BATUTA_CHECK(threads_.empty(), "Stop() comes before the end"); }

absl::Status Runtime::Append(std::vector<log::Entry> entries, CommitDone done) {
  if (DiskFull()) {
    return absl::ResourceExhaustedError("the disk is full: nothing can be written");
  }
  if (backlog_.records() > options_.backlog_records_max) {
    return absl::ResourceExhaustedError("too many events wait to be applied; retry shortly");
  }
  if (UnwrittenBytes() > options_.checkpoint.unwritten_bytes_max) {
    return absl::ResourceExhaustedError("too many changes wait to be written; retry shortly");
  }
  return Push({.entries = std::move(entries), .done = std::move(done)});
}

void Runtime::AppendInternal(std::vector<log::Entry> entries, CommitDone done) {
  BATUTA_CHECK_OK(Push({.entries = std::move(entries), .done = std::move(done), .internal = true}));
}

absl::Status Runtime::Push(CommitRequest request) {
  std::vector<base::PartitionId> touched;
  for (const log::Entry& entry : request.entries) {
    if (entry.type == static_cast<uint8_t>(RecordType::kEvent)) continue;
    if (std::find(touched.begin(), touched.end(), entry.partition) == touched.end()) {
      touched.push_back(entry.partition);
    }
  }
  BATUTA_RETURN_IF_ERROR(committer_.Push(std::move(request)));
  for (const base::PartitionId partition : touched) Signal(partition);
  return absl::OkStatus();
}

void Runtime::Run(base::PartitionId partition, std::function<void(Fold&)> task) {
  partitions_[base::Index(partition)]->Post({.task = std::move(task)});
  Signal(partition);
}

void Runtime::RunAhead(base::PartitionId partition, std::function<void(Fold&)> task) {
  partitions_[base::Index(partition)]->Post({.task = std::move(task), .ahead = true});
  Signal(partition);
}

void Runtime::Await(const base::RecordId& request, AnswerHandler answer) {
  absl::MutexLock lock(&answers_mutex_);
  answers_[request] = std::move(answer);
}

void Runtime::Forget(const base::RecordId& request) {
  absl::MutexLock lock(&answers_mutex_);
  answers_.erase(request);
}

void Runtime::Settle(std::function<void()> settled) {
  SettleRound(kSettleRounds, std::make_shared<std::function<void()>>(std::move(settled)));
}

// A round: every partition applies what is in its inbox; then a barrier goes behind the messages
// that this sent, so that they are in their inboxes.
void Runtime::SettleRound(int rounds_left, std::shared_ptr<std::function<void()>> settled) {
  auto waiting = std::make_shared<std::atomic<size_t>>(partitions_.size());
  for (const auto& partition : partitions_) {
    RunAhead(partition->id(), [this, rounds_left, settled, waiting](Fold&) {
      if (waiting->fetch_sub(1) != 1) return;
      if (rounds_left == 0) return (*settled)();
      CommitRequest barrier;
      barrier.internal = true;
      barrier.done = [this, rounds_left, settled](auto) { SettleRound(rounds_left - 1, settled); };
      BATUTA_CHECK_OK(Push(std::move(barrier)));
    });
  }
}

size_t Runtime::UnwrittenBytes() const {
  size_t bytes = 0;
  for (const auto& partition : partitions_) bytes += partition->unwritten_bytes();
  return bytes;
}

double Runtime::Pressure() const {
  return std::max(
      {committer_.Fullness(),
       static_cast<double>(backlog_.records()) / static_cast<double>(options_.backlog_records_max),
       static_cast<double>(UnwrittenBytes()) /
           static_cast<double>(options_.checkpoint.unwritten_bytes_max)});
}

std::vector<base::Offset> Runtime::Applied() const {
  std::vector<base::Offset> offsets;
  for (const auto& partition : partitions_) offsets.push_back(partition->applied());
  return offsets;
}

std::vector<base::Offset> Runtime::Checkpointed() const {
  std::vector<base::Offset> offsets;
  for (const auto& partition : partitions_) offsets.push_back(partition->checkpointed());
  return offsets;
}

void Runtime::RequestCheckpoints() {
  for (const auto& partition : partitions_) {
    partition->RequestCheckpoint();
    RunAhead(partition->id(), [](Fold&) {});
  }
}

// ---- Steps
// ---------------------------------------------------------------------------------------

bool Runtime::StepCommit(absl::Duration wait) { return committer_.Step(wait); }

void Runtime::HandOut(std::vector<log::Entry> entries, const std::vector<base::Offset>& offsets,
                      uint64_t number) {
  backlog_.AddPlaced(entries.size());
  std::vector<std::vector<log::Record>> records(partitions_.size());
  for (size_t i = 0; i < entries.size(); ++i) {
    log::Entry& entry = entries[i];
    records[base::Index(entry.partition)].push_back({.position = {entry.partition, offsets[i]},
                                                     .type = entry.type,
                                                     .stamp = entry.stamp,
                                                     .id = entry.id,
                                                     .payload = std::move(entry.payload)});
  }
  for (size_t i = 0; i < records.size(); ++i) {
    if (records[i].empty()) continue;
    partitions_[i]->Post({.records = std::move(records[i]), .number = number});
  }
}

void Runtime::WakeAll() {
  for (const auto& partition : partitions_) {
    if (partition->HasWork(committer_.durable())) Signal(partition->id());
  }
}

bool Runtime::StepPartition(base::PartitionId id) {
  RuntimePartition& partition = *partitions_[base::Index(id)];
  const uint64_t before = base::Number(partition.applied());
  Effects effects;
  bool worked = partition.DoWork(effects);
  Send(partition, effects);
  worked |= partition.RunTasks(committer_.durable());
  std::vector<Answer> answers = partition.TakeAnswers(committer_.durable());
  worked |= !answers.empty();
  Deliver(std::move(answers));
  if (effects.outbox_changed) outbox_changed_.store(true, std::memory_order_release);
  if (effects.reach_changed) reach_changed_.store(true, std::memory_order_release);
  const uint64_t records = base::Number(partition.applied()) - before;
  backlog_.AddApplied(records);
  std::unique_ptr<CheckpointJob> job = partition.AdvanceCheckpoint(records);
  worked |= partition.IsEncoding();
  if (!worked) worked = partition.WarmUp();
  // Whoever makes it durable from here on sees what waits; it may be so already.
  partition.Wait();
  worked |= partition.waits_for() <= committer_.durable();
  if (job == nullptr) return worked;
  absl::MutexLock lock(&checkpoints_mutex_);
  checkpoints_.push_back(std::move(job));
  checkpoint_arrived_.Signal();
  return true;
}

log::Entry Runtime::MessageEntry(const RuntimePartition& partition, Outgoing& outgoing) const {
  Message& message = outgoing.message;
  message.set_source(base::Index(partition.id()));
  message.set_offset(base::Number(outgoing.offset));
  message.set_number(outgoing.number);
  return {.partition = outgoing.destination,
          .type = static_cast<uint8_t>(RecordType::kMessage),
          .stamp = std::max(options_.clock->Wall(), partition.log_time()),
          .id = outgoing.id,
          .payload = message.SerializeAsString()};
}

void Runtime::Send(RuntimePartition& partition, Effects& effects) {
  if (effects.messages.empty()) return;
  CommitRequest request;
  request.internal = true;
  request.entries.reserve(effects.messages.size());
  for (Outgoing& outgoing : effects.messages) {
    request.entries.push_back(MessageEntry(partition, outgoing));
  }
  const base::Offset emission = effects.messages.back().offset;
  request.done = [&partition, emission](const auto& appended) {
    if (appended.ok()) partition.MessagesDurable(emission);
  };
  BATUTA_CHECK_OK(Push(std::move(request)));
}

void Runtime::Deliver(std::vector<Answer> answers) {
  for (Answer& answer : answers) {
    AnswerHandler handler;
    {
      absl::MutexLock lock(&answers_mutex_);
      const auto found = answers_.find(answer.request);
      if (found == answers_.end()) continue;
      handler = std::move(found->second);
      answers_.erase(found);
    }
    handler(std::move(answer.result));
  }
}

void Runtime::RunBesideCheckpoints(std::function<void()> task) {
  absl::MutexLock lock(&checkpoints_mutex_);
  checkpoint_tasks_.push_back(std::move(task));
  checkpoint_arrived_.Signal();
}

// One that can be written now, with its batch made; null if there is none.
std::unique_ptr<CheckpointJob> Runtime::TakeCheckpoint() {
  std::vector<std::unique_ptr<CheckpointJob>> jobs;
  {
    absl::MutexLock lock(&checkpoints_mutex_);
    jobs.swap(checkpoints_);
  }
  std::unique_ptr<CheckpointJob> taken;
  for (std::unique_ptr<CheckpointJob>& job : jobs) {
    const RuntimePartition& partition = *partitions_[base::Index(job->partition)];
    if (options_.log->End(job->partition) < job->applied) continue;
    if (partition.messages_durable() < job->last_emission) continue;
    if (!job->batch.has_value()) job->batch = job->frozen.TakeBatch();
    if (!options_.HasRoom(job->batch->bytes())) continue;
    taken = std::move(job);
    break;
  }
  std::erase(jobs, nullptr);
  absl::MutexLock lock(&checkpoints_mutex_);
  checkpoints_.insert(checkpoints_.begin(), std::make_move_iterator(jobs.begin()),
                      std::make_move_iterator(jobs.end()));
  return taken;
}

bool Runtime::StepCheckpoint() {
  std::vector<std::function<void()>> tasks;
  {
    absl::MutexLock lock(&checkpoints_mutex_);
    tasks.swap(checkpoint_tasks_);
  }
  for (const auto& task : tasks) task();
  const std::shared_ptr<CheckpointJob> job = TakeCheckpoint();
  if (job == nullptr) return false;
  const absl::Status written =
      options_.databases[base::Index(job->partition)]->Write(*job->batch, job->applied);
  if (!written.ok()) options_.EndProcess(written);
  job->batch.reset();
  RuntimePartition& partition = *partitions_[base::Index(job->partition)];
  RunAhead(job->partition, [this, &partition, kept = job](Fold&) mutable {
    partition.CheckpointWritten(kept->applied, kept->log_time);
    // What was frozen is freed here, as that takes a while.
    RunBesideCheckpoints([freed = std::move(kept)] {});
  });
  return true;
}

bool Runtime::StepTicks() {
  committer_.LookForSpace();
  if (!ticking_.load(std::memory_order_acquire)) return false;
  bool any = false;
  for (const auto& partition : partitions_) {
    const base::Time now = partition->Now();
    if (partition->next_due() > now || partition->tick_under_way.exchange(true)) continue;
    CommitRequest tick;
    tick.internal = true;
    tick.entries.push_back({.partition = partition->id(),
                            .type = static_cast<uint8_t>(RecordType::kTick),
                            .stamp = now,
                            .id = {},
                            .payload = {}});
    BATUTA_CHECK_OK(Push(std::move(tick)));
    any = true;
  }
  return any;
}

// ---- Threads
// -------------------------------------------------------------------------------------

void Runtime::Signal(base::PartitionId partition) {
  Bell& bell = *bells_[base::Index(partition) % bells_.size()];
  absl::MutexLock lock(&bell.mutex);
  bell.pending = true;
  bell.rung.Signal();
}

void Runtime::RunWorker(size_t worker) {
  Bell& bell = *bells_[worker];
  while (true) {
    bool worked = false;
    for (size_t i = worker; i < partitions_.size(); i += bells_.size()) {
      worked |= StepPartition(partitions_[i]->id());
    }
    if (worked) continue;
    if (stop_workers_.load(std::memory_order_acquire)) return;
    absl::MutexLock lock(&bell.mutex);
    if (!bell.pending) bell.rung.WaitWithTimeout(&bell.mutex, 20 * kIdleWait);
    bell.pending = false;
  }
}

void Runtime::RunCommitter() {
  while (!stop_committer_.load(std::memory_order_acquire)) {
    StepTicks();
    if (!StepCommit(kIdleWait) && DiskFull()) absl::SleepFor(20 * kIdleWait);
  }
}

void Runtime::RunCheckpointer() {
  while (!stop_checkpointer_.load(std::memory_order_acquire)) {
    if (StepCheckpoint()) continue;
    absl::MutexLock lock(&checkpoints_mutex_);
    checkpoint_arrived_.WaitWithTimeout(&checkpoints_mutex_, kIdleWait);
  }
}

void Runtime::Start() {
  BATUTA_CHECK(threads_.empty());
  for (size_t i = 0; i < bells_.size(); ++i) {
    threads_.emplace_back([this, i] {
      base::NameThread("fold");
      base::TakeShortTurns(1000);
      RunWorker(i);
    });
  }
  threads_.emplace_back([this] {
    base::NameThread("checkpoint");
    base::LowerPriority();
    RunCheckpointer();
  });
  threads_.emplace_back([this] {
    base::NameThread("commit");
    base::TakeShortTurns(100);  // it mostly waits for the disk, and everybody for it
    RunCommitter();
  });
}

bool Runtime::IsQuiet() const { return committer_.IsEmpty() && backlog_.records() == 0; }

void Runtime::Stop() {
  if (threads_.empty()) return;
  committer_.Close();
  const auto wait_until = [](auto condition) {
    while (!condition()) absl::SleepFor(absl::Milliseconds(1));
  };
  ticking_.store(false, std::memory_order_release);
  wait_until([this] { return IsQuiet() || DiskFull(); });
  // A tick that was on its way may still come, and its messages after it: until all is written.
  RequestCheckpoints();
  wait_until([this] {
    if (DiskFull() || (IsQuiet() && Checkpointed() == Applied())) return true;
    if (IsQuiet()) RequestCheckpoints();
    return false;
  });
  stop_committer_.store(true, std::memory_order_release);
  stop_checkpointer_.store(true, std::memory_order_release);
  stop_workers_.store(true, std::memory_order_release);
  committer_.Wake();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

}  // namespace batuta::engine

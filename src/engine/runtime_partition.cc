#include "engine/runtime_partition.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/status.h"

namespace batuta::engine {

RuntimePartition::RuntimePartition(const RuntimeOptions& options, base::PartitionId partition,
                                   std::shared_ptr<Shared> shared)
    : options_(options),
      id_(partition),
      fold_(std::make_unique<Fold>(
          FoldSettings{.hub_seed = options.hub_seed,
                       .partition = partition,
                       .partitions = static_cast<uint16_t>(options.databases.size() - 1),
                       .shared = std::move(shared)},
          *options.databases[base::Index(partition)])),
      cache_bytes_(options.cache_bytes / options.databases.size()),
      last_checkpoint_at_(options.clock->Monotonic()) {
  checkpointed_ = base::Number(fold_->applied());
  messages_durable_ = base::Number(fold_->applied());
  checkpointed_log_time_ = fold_->log_time().micros;
  Publish();
}

void RuntimePartition::Post(Work work) {
  absl::MutexLock lock(&mutex_);
  inbox_.push_back(std::move(work));
}

bool RuntimePartition::DoWork(Effects& effects) {
  if (!tasks_.empty()) return false;
  std::deque<Work> taken;
  {
    absl::MutexLock lock(&mutex_);
    taken.swap(inbox_);
  }
  for (Work& work : taken) {
    if (work.task) {
      (work.ahead ? tasks_ahead_ : tasks_).push_back(std::move(work.task));
      continue;
    }
    for (const log::Record& record : work.records) Apply(record, effects);
    number_ = work.number;
    for (Answer& answer : effects.answers) held_.push_back({number_, std::move(answer)});
    effects.answers.clear();
  }
  if (taken.empty()) return false;
  Publish();
  fold_->Trim(cache_bytes_);
  return true;
}

bool RuntimePartition::RunTasks(uint64_t durable) {
  Tasks tasks = std::exchange(tasks_ahead_, {});
  if (number_ <= durable) {
    tasks.insert(tasks.end(), std::make_move_iterator(tasks_.begin()),
                 std::make_move_iterator(tasks_.end()));
    tasks_.clear();
  }
  if (tasks.empty()) return false;
  for (const auto& task : tasks) task(*fold_);
  Publish();
  return true;
}

std::vector<Answer> RuntimePartition::TakeAnswers(uint64_t durable) {
  std::vector<Answer> answers;
  for (; !held_.empty() && held_.front().number <= durable; held_.pop_front()) {
    answers.push_back(std::move(held_.front().answer));
  }
  return answers;
}

void RuntimePartition::Wait() {
  uint64_t number = tasks_.empty() ? ~uint64_t{0} : number_;
  if (!held_.empty()) number = std::min(number, held_.front().number);
  waits_for_.store(number);
}

bool RuntimePartition::HasWork(uint64_t durable) {
  if (waits_for() <= durable) return true;
  absl::MutexLock lock(&mutex_);
  return !inbox_.empty();
}

void RuntimePartition::Apply(const log::Record& record, Effects& effects) {
  const size_t before = effects.messages.size();
  fold_->Apply(record, effects);
  ++records_since_checkpoint_;
  if (effects.messages.size() > before) last_emission_ = record.position.offset;
  if (record.type == static_cast<uint8_t>(RecordType::kTick)) {
    tick_under_way.store(false, std::memory_order_release);
  }
}

void RuntimePartition::CatchUpStep() {
  constexpr uint64_t kRecordsBetween = 256;
  if (records_since_checkpoint_ % kRecordsBetween == 0) fold_->Trim(cache_bytes_);
}

// Called by the committer alone. After recovery the first emission may lie before the checkpoint.
void RuntimePartition::MessagesDurable(base::Offset emission) {
  messages_durable_.store(std::max(messages_durable_.load(), base::Number(emission)),
                          std::memory_order_release);
}

void RuntimePartition::Publish() {
  applied_.store(base::Number(fold_->applied()), std::memory_order_release);
  next_due_.store(fold_->NextDue().micros, std::memory_order_release);
  unwritten_bytes_.store(fold_->unwritten_bytes(), std::memory_order_release);
  if (fold_->log_time() == published_log_time_) return;
  published_log_time_ = fold_->log_time();
  log_time_ahead_.store(published_log_time_.micros - options_.clock->Monotonic().micros,
                        std::memory_order_release);
}

base::Time RuntimePartition::Now() const {
  const base::Time carried_on{log_time_ahead_.load(std::memory_order_acquire) +
                              options_.clock->Monotonic().micros};
  return std::max(options_.clock->Wall(), carried_on);
}

bool RuntimePartition::CheckpointDue() const {
  if (fold_->applied() == checkpointed()) return false;
  const CheckpointTriggers& at = options_.checkpoint;
  const size_t partitions = options_.databases.size();
  // Written early enough that new changes have room beside those being written.
  const size_t dirty_bytes = std::min(at.dirty_bytes, at.unwritten_bytes_max / 3);
  return checkpoint_requested_.load(std::memory_order_acquire) ||
         fold_->dirty_bytes() * partitions >= dirty_bytes ||
         records_since_checkpoint_ * partitions >= at.records ||
         options_.clock->Monotonic().micros - last_checkpoint_at_.micros >= at.age.micros;
}

std::unique_ptr<CheckpointJob> RuntimePartition::AdvanceCheckpoint(size_t records) {
  if (checkpoint_ == Checkpoint::kNone && CheckpointDue()) {
    job_ = std::make_unique<CheckpointJob>();
    job_->partition = id_;
    job_->applied = fold_->applied();
    job_->last_emission = last_emission_;
    job_->log_time = fold_->log_time();
    fold_->Freeze();
    records_since_checkpoint_ = 0;
    last_checkpoint_at_ = options_.clock->Monotonic();
    checkpoint_requested_.store(false, std::memory_order_release);
    checkpoint_ = Checkpoint::kEncoding;
  }
  if (checkpoint_ != Checkpoint::kEncoding) return nullptr;
  // Few enough that a record which comes meanwhile hardly waits.
  constexpr size_t kRowsPerStep = 16;
  if (!fold_->EncodeSome(std::max(kRowsPerStep, records))) return nullptr;
  job_->frozen = fold_->TakeFrozen();
  checkpoint_ = Checkpoint::kWriting;
  return std::move(job_);
}

void RuntimePartition::CheckpointWritten(base::Offset applied, base::Time log_time) {
  BATUTA_CHECK(checkpoint_ == Checkpoint::kWriting);
  fold_->FrozenWritten();
  checkpointed_.store(base::Number(applied), std::memory_order_release);
  checkpointed_log_time_.store(log_time.micros, std::memory_order_release);
  checkpoint_ = Checkpoint::kNone;
}

}  // namespace batuta::engine

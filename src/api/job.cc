#include "api/job.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "base/status.h"
#include "base/text.h"

namespace batuta::api {
namespace {

// Above it live traffic goes first.
constexpr double kPressureMax = 0.5;
constexpr base::Duration kRest = base::Millis(5);
// How soon a wait ends when the job is cancelled.
constexpr absl::Duration kLook = absl::Milliseconds(20);

constexpr size_t kWriteBytes = size_t{1} << 20;
constexpr uint64_t kLeftFree = uint64_t{256} << 20;  // on the disk of the hub

// Turns in all partitions. Shared by those who take them; it may outlive the wait, but then takes
// no turn any more.
class PartitionTurns : public std::enable_shared_from_this<PartitionTurns> {
 public:
  PartitionTurns(engine::Runtime& runtime, Background& background,
                 std::function<Turn(engine::Fold&)> turn)
      : runtime_(runtime), background_(background), turn_(std::move(turn)) {}

  void Begin() {
    {
      absl::MutexLock lock(&mutex_);
      left_ = runtime_.partitions();
    }
    for (uint16_t i = 0; i < runtime_.partitions(); ++i) Ask(base::PartitionId{i});
  }

  bool WaitFor(absl::Duration most) {
    absl::MutexLock lock(&mutex_);
    const auto through = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return left_ == 0; };
    return mutex_.AwaitWithTimeout(absl::Condition(&through), most);
  }

  // No turn is under way afterwards, and none begins.
  void End() {
    ended_ = true;
    absl::MutexLock lock(&turning_);
  }

  absl::Status status() {
    absl::MutexLock lock(&mutex_);
    return status_;
  }

 private:
  void Ask(base::PartitionId partition) {
    runtime_.Run(partition, [self = shared_from_this(), partition](engine::Fold& fold) {
      self->Take(partition, fold);
    });
  }

  void Take(base::PartitionId partition, engine::Fold& fold) {
    Turn more = false;
    {
      absl::ReaderMutexLock lock(&turning_);
      if (!ended_) more = turn_(fold);
    }
    if (!more.ok()) ended_ = true;
    if (more.ok() && *more) return GoOn(partition);
    absl::MutexLock lock(&mutex_);
    if (status_.ok()) status_ = more.status();
    --left_;
  }

  void GoOn(base::PartitionId partition) {
    if (runtime_.Pressure() <= kPressureMax) return Ask(partition);
    background_.After(kRest, [self = shared_from_this(), partition] { self->Ask(partition); });
  }

  engine::Runtime& runtime_;
  Background& background_;
  const std::function<Turn(engine::Fold&)> turn_;
  std::atomic<bool> ended_ = false;
  absl::Mutex turning_;  // held, shared, during a turn
  absl::Mutex mutex_;
  size_t left_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

double JobProgress::Share() const {
  const double of_stage =
      total == 0 ? 0 : std::min(static_cast<double>(done) / static_cast<double>(total), 1.0);
  return from + (to - from) * of_stage;
}

JobContext::JobContext(engine::Hub& hub, Background& background, std::string folder)
    : hub_(hub), background_(background), folder_(std::move(folder)) {}

absl::Status JobContext::Check() const {
  return cancelled_ ? absl::CancelledError("the job was cancelled") : absl::OkStatus();
}

void JobContext::Report(JobProgress progress) {
  absl::MutexLock lock(&mutex_);
  progress_ = std::move(progress);
}

JobProgress JobContext::progress() const {
  absl::MutexLock lock(&mutex_);
  return progress_;
}

absl::Status JobContext::OnPartitions(std::function<Turn(engine::Fold&)> turn) {
  BATUTA_RETURN_IF_ERROR(Check());
  const auto turns = std::make_shared<PartitionTurns>(hub_.runtime(), background_, std::move(turn));
  turns->Begin();
  while (!turns->WaitFor(kLook)) {
    if (cancelled_) break;
  }
  turns->End();
  BATUTA_RETURN_IF_ERROR(Check());
  return turns->status();
}

absl::StatusOr<bool> JobContext::HasRoom(uint64_t bytes) {
  BATUTA_ASSIGN_OR_RETURN(const uint64_t free, disk().FreeBytes(folder_));
  return free >= kLeftFree + bytes;
}

absl::Status JobContext::Rest(base::Duration duration) const {
  const absl::Time end = absl::Now() + absl::Microseconds(duration.micros);
  while (!cancelled_ && absl::Now() < end) absl::SleepFor(std::min(kLook, end - absl::Now()));
  return Check();
}

absl::Status JobContext::Fail(http::Problem problem) {
  absl::Status status = absl::UnknownError(problem.detail);
  absl::MutexLock lock(&mutex_);
  problem_ = std::move(problem);
  return status;
}

std::optional<http::Problem> JobContext::problem() const {
  absl::MutexLock lock(&mutex_);
  return problem_;
}

absl::StatusOr<JobFile> JobFile::Create(JobContext& context, std::string_view name) {
  BATUTA_ASSIGN_OR_RETURN(auto file,
                          context.disk().OpenFile(base::StrCat(context.folder(), "/", name),
                                                  base::Disk::Open::kCreate));
  return JobFile(context, std::move(file));
}

absl::Status JobFile::Append(std::string_view bytes) {
  waiting_ += bytes;
  return waiting_.size() < kWriteBytes ? absl::OkStatus() : Flush();
}

absl::Status JobFile::Finish() {
  BATUTA_RETURN_IF_ERROR(Flush());
  file_.reset();
  return absl::OkStatus();
}

absl::Status JobFile::Flush() {
  BATUTA_RETURN_IF_ERROR(context_->Check());
  BATUTA_ASSIGN_OR_RETURN(const bool has_room, context_->HasRoom(waiting_.size()));
  if (!has_room) {
    return context_->Fail({.status = http::Status::kServiceUnavailable,
                           .code = "disk_full",
                           .detail = "The disk of the hub has no room for the result."});
  }
  BATUTA_RETURN_IF_ERROR(file_->Write(written_, waiting_));
  written_ += waiting_.size();
  waiting_.clear();
  return absl::OkStatus();
}

}  // namespace batuta::api

#include "api/batch_record.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "api/ask.h"
#include "base/status.h"
#include "decision/decide.h"
#include "engine/record.pb.h"
#include "identity/refs.h"

namespace batuta::api {
namespace {

constexpr size_t kTogether = 256;  // requests in one group of the log
// Above it live traffic goes first.
constexpr double kPressureMax = 0.5;
constexpr base::Duration kRest = base::Millis(5);
constexpr absl::Duration kLook = absl::Milliseconds(20);
constexpr absl::Duration kPatience = absl::Seconds(60);  // without any answer

// The answers to many requests. Shared by those who bring them, who may come late.
class Answers {
 public:
  explicit Answers(size_t count) : answers_(count), left_(count) {}

  void Take(size_t index, absl::StatusOr<std::string> answer) {
    absl::MutexLock lock(&mutex_);
    if (answers_[index].has_value()) return;
    answers_[index] = std::move(answer);
    --left_;
  }
  // How many are still to come, at the latest after that time.
  size_t WaitForAll(absl::Duration most) {
    absl::MutexLock lock(&mutex_);
    const auto all = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return left_ == 0; };
    mutex_.AwaitWithTimeout(absl::Condition(&all), most);
    return left_;
  }
  std::vector<std::optional<absl::StatusOr<std::string>>> All() {
    absl::MutexLock lock(&mutex_);
    return std::move(answers_);
  }

 private:
  absl::Mutex mutex_;
  std::vector<std::optional<absl::StatusOr<std::string>>> answers_ ABSL_GUARDED_BY(mutex_);
  size_t left_ ABSL_GUARDED_BY(mutex_);
};

class Recorder {
 public:
  Recorder(Core& core, JobContext& context, const BatchQuestion& question,
           const std::string& source, std::vector<BatchItem>& items)
      : core_(core),
        context_(context),
        question_(question),
        source_(source),
        items_(items),
        answers_(std::make_shared<Answers>(items.size())) {}

  absl::Status Run() {
    const absl::Status status = AskAll();
    for (const BatchItem& item : items_) {
      core_.hub.runtime().Forget(question_.RequestOf(item.id));
    }
    BATUTA_RETURN_IF_ERROR(status);
    const auto answers = answers_->All();
    for (size_t i = 0; i < items_.size(); ++i) BATUTA_RETURN_IF_ERROR(Read(*answers[i], items_[i]));
    return absl::OkStatus();
  }

 private:
  absl::Status AskAll() {
    for (size_t i = 0; i < items_.size(); i += kTogether) BATUTA_RETURN_IF_ERROR(AskSome(i));
    size_t left = items_.size();
    absl::Duration waited;
    while (true) {
      const size_t now = answers_->WaitForAll(kLook);
      if (now == 0) return absl::OkStatus();
      BATUTA_RETURN_IF_ERROR(context_.Check());
      waited = now < left ? absl::ZeroDuration() : waited + kLook;
      left = now;
      if (waited > kPatience) return TooLate();
    }
  }

  absl::Status AskSome(size_t begin) {
    engine::Runtime& runtime = core_.hub.runtime();
    while (runtime.Pressure() > kPressureMax) BATUTA_RETURN_IF_ERROR(context_.Rest(kRest));
    const size_t end = std::min(begin + kTogether, items_.size());
    std::vector<log::Entry> entries;
    for (size_t i = begin; i < end; ++i) {
      entries.push_back(EntryFor(items_[i]));
      runtime.Await(question_.RequestOf(items_[i].id),
                    [answers = answers_, i](absl::StatusOr<std::string> answer) {
                      answers->Take(i, std::move(answer));
                    });
    }
    const auto stored = [answers = answers_, begin, end](const auto& positions) {
      if (positions.ok()) return;
      for (size_t i = begin; i < end; ++i) answers->Take(i, positions.status());
    };
    while (true) {
      const absl::Status queued = runtime.Append(entries, stored);
      if (!absl::IsResourceExhausted(queued) || runtime.DiskFull()) return queued;
      BATUTA_RETURN_IF_ERROR(context_.Rest(kRest));
    }
  }

  log::Entry EntryFor(const BatchItem& item) const {
    engine::DecisionAsk ask;
    *ask.mutable_person()->mutable_id() = identity::ToRef(item.id);
    ask.mutable_person()->set_source(source_);
    *ask.mutable_request() = question_.Request(item.id, item.only);
    ask.mutable_request()->set_event_time(core_.hub.clock().Wall().micros);
    return NewEntry(core_, item.id.partition, engine::RecordType::kDecisionAsk,
                    ask.SerializeAsString());
  }

  absl::Status TooLate() const {
    return context_.Fail({.status = http::Status::kServiceUnavailable,
                          .code = "timeout",
                          .detail = "Decisions were not answered in time; those that were asked "
                                    "for may still be made."});
  }

  static absl::Status Read(const absl::StatusOr<std::string>& answer, BatchItem& item) {
    // Nobody of this id any more, or erased just now, or an action that has been removed.
    const bool is_gone = absl::IsNotFound(answer.status()) || absl::IsAborted(answer.status()) ||
                         absl::IsInvalidArgument(answer.status());
    if (is_gone) return absl::OkStatus();
    BATUTA_RETURN_IF_ERROR(answer.status());
    BATUTA_CHECK(decision::ParseWithoutTrace(*answer, item.decision), "a decision does not parse");
    return absl::OkStatus();
  }

  Core& core_;
  JobContext& context_;
  const BatchQuestion& question_;
  const std::string& source_;
  std::vector<BatchItem>& items_;
  const std::shared_ptr<Answers> answers_;
};

}  // namespace

absl::Status Record(Core& core, JobContext& context, const BatchQuestion& question,
                    const std::string& source, std::vector<BatchItem>& items) {
  return Recorder(core, context, question, source, items).Run();
}

}  // namespace batuta::api

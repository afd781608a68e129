#include "whatif/steps_ahead.h"

#include <utility>

#include "base/status.h"
#include "base/thread.h"

namespace batuta::whatif {
namespace {

constexpr size_t kBatch = 64;
constexpr size_t kBatchesReady = 8;

}  // namespace

StepsAhead::StepsAhead(RealCourse& course) : course_(course), thread_([this] { Run(); }) {}

StepsAhead::~StepsAhead() {
  {
    const absl::MutexLock lock(&mutex_);
    is_wanted_ = false;
  }
  thread_.join();
}

bool StepsAhead::HasRoom() const { return ready_.size() < kBatchesReady || !is_wanted_; }
bool StepsAhead::HasNews() const { return !ready_.empty() || is_over_; }

absl::StatusOr<std::optional<RealStep>> StepsAhead::Next() {
  if (taken_.empty()) {
    const absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(this, &StepsAhead::HasNews));
    if (ready_.empty()) {
      BATUTA_RETURN_IF_ERROR(status_);
      return std::nullopt;
    }
    taken_ = std::move(ready_.front());
    ready_.pop_front();
  }
  std::optional<RealStep> step = std::move(taken_.front());
  taken_.pop_front();
  return step;
}

// Whether more is wanted.
bool StepsAhead::Hand(Batch batch) {
  const absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(this, &StepsAhead::HasRoom));
  if (!batch.empty()) ready_.push_back(std::move(batch));
  return is_wanted_;
}

void StepsAhead::Run() {
  base::NameThread("whatif");
  Batch batch;
  absl::Status status;
  while (true) {
    auto next = course_.Next();
    status = next.status();
    if (!next.ok() || !next->has_value()) break;
    batch.push_back(*std::move(*next));
    if (batch.size() == kBatch && !Hand(std::exchange(batch, {}))) return;
  }
  Hand(std::move(batch));
  const absl::MutexLock lock(&mutex_);
  status_ = std::move(status);
  is_over_ = true;
}

}  // namespace batuta::whatif

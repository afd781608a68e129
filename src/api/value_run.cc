#include "api/value_run.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "api/core.h"
#include "base/status.h"

namespace batuta::api {
namespace {

// Above it live traffic goes first.
constexpr double kPressureMax = 0.5;
constexpr base::Duration kRest = base::Millis(5);
// What is kept of people to tell them apart, in fields: about 64 MB.
constexpr size_t kCellsMax = 4'000'000;
constexpr uint64_t kCohortsPart = 100;
constexpr uint64_t kCohortLeast = 20;

}  // namespace

ValueRun::ValueRun(ExchangePtr exchange, std::shared_ptr<const ValueQuestion> question, Done done)
    : exchange_(std::move(exchange)),
      question_(std::move(question)),
      done_(std::move(done)),
      draws_(question_->wish.sample > 0) {
  const uint16_t partitions = exchange_->core().hub.runtime().partitions();
  const size_t fields = std::max<size_t>(question_->fields->all().size(), 1);
  const size_t people_max = std::max<size_t>(kCellsMax / fields / partitions, 1);
  for (uint16_t i = 0; i < partitions; ++i) {
    sides_.push_back(std::make_unique<ValueSide>(question_, base::PartitionId{i}, people_max));
  }
  found_.tally = decision::ValueTally(question_->wish.weak_below);
  found_.cohort_people =
      decision::CohortPeople(question_->fields->all().size(), people_max * partitions);
}

void ValueRun::Begin() {
  found_.time = exchange_->core().hub.clock().Wall();
  AskAll();
}

// ---- On the partitions' threads

void ValueRun::AskAll() {
  asking_ = sides_.size();
  for (const std::unique_ptr<ValueSide>& side : sides_) AskPartition(*side);
}

void ValueRun::AskPartition(ValueSide& side) {
  exchange_->core().hub.runtime().Run(
      side.partition(), [self = shared_from_this(), &side](engine::Fold& fold) {
        if (self->exchange_->Cancelled()) {
          self->Fail(absl::CancelledError("the client has gone"));
        }
        if (side.is_done() || self->HasFailed()) return self->Arrived();
        const absl::Status status = side.Turn(fold, self->exchange_->core().hub.clock());
        if (!status.ok()) self->Fail(status);
        self->GoOn(side);
      });
}

void ValueRun::GoOn(ValueSide& side) {
  Core& core = exchange_->core();
  if (core.hub.runtime().Pressure() <= kPressureMax) return AskPartition(side);
  core.background.After(kRest, [self = shared_from_this(), &side] { self->AskPartition(side); });
}

void ValueRun::Arrived() {
  if (asking_.fetch_sub(1) != 1) return;
  Post([self = shared_from_this()] {
    if (self->HasFailed()) return self->End();
    if (std::exchange(self->draws_, false)) return self->LookAtDrawn();
    self->MergeNext();
  });
}

// ---- On the api's

void ValueRun::Post(std::function<void()> step) {
  Core& core = exchange_->core();
  if (core.hub.runtime().Pressure() > kPressureMax || !core.long_work.Post(step)) {
    core.long_work.After(kRest, std::move(step));
  }
}

// As many as were asked for, of all partitions.
void ValueRun::LookAtDrawn() {
  std::vector<uint64_t> hashes;
  for (const std::unique_ptr<ValueSide>& side : sides_) {
    for (const auto& [hash, number] : side->drawn()) hashes.push_back(hash);
  }
  uint64_t limit = std::numeric_limits<uint64_t>::max();
  if (hashes.size() > question_->wish.sample) {
    const auto last = hashes.begin() + static_cast<std::ptrdiff_t>(question_->wish.sample - 1);
    std::nth_element(hashes.begin(), last, hashes.end());
    limit = *last;
  }
  for (const std::unique_ptr<ValueSide>& side : sides_) side->LookAtThose(limit);
  AskAll();
}

void ValueRun::MergeNext() {
  if (next_side_ == sides_.size()) {
    const uint64_t of_all = found_.tally.people() / kCohortsPart;
    const uint64_t smallest =
        question_->wish.smallest != 0 ? question_->wish.smallest : std::max(of_all, kCohortLeast);
    search_ = std::make_unique<decision::CohortSearch>(
        found_.cohort_people, decision::CohortOptions{.smallest = smallest});
    return Search();
  }
  std::unique_ptr<ValueSide>& side = sides_[next_side_++];
  found_.people += side->people();
  found_.model_version = std::max(found_.model_version, side->model_version());
  const std::vector<uint32_t> falls = found_.tally.Merge(side->tally());
  found_.cohort_people.Merge(side->cohort_people(), falls);
  side.reset();
  Post([self = shared_from_this()] { self->MergeNext(); });
}

void ValueRun::Search() {
  if (exchange_->Cancelled()) Fail(absl::CancelledError("the client has gone"));
  if (HasFailed()) return End();
  if (search_->Step()) return Post([self = shared_from_this()] { self->Search(); });
  found_.cohorts = search_->Found();
  End();
}

void ValueRun::Fail(const absl::Status& status) {
  absl::MutexLock lock(&mutex_);
  if (failed_.ok()) failed_ = status;
}

bool ValueRun::HasFailed() {
  absl::MutexLock lock(&mutex_);
  return !failed_.ok();
}

void ValueRun::End() {
  const Done done = std::move(done_);
  absl::Status failed;
  {
    absl::MutexLock lock(&mutex_);
    failed = failed_;
  }
  if (!failed.ok()) return done(std::move(failed));
  done(std::move(found_));
}

}  // namespace batuta::api

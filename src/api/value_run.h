// Looks at the people of all partitions for what a placement has for them, and tells them apart.
//
// Each partition looks at its people some at a time, between everything else that it does, and as
// they are at that moment; the definitions are those of one version, the models those that were
// published when it began. With a sample the partitions first draw the people of the smallest
// hashes, and look at no others. What was found is put together on a low thread of the api's, in
// steps. Nothing changes by it.
//
// It stops when the client has gone, and rests while the hub is under pressure. Internal to this
// folder.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "api/exchange.h"
#include "api/value_question.h"
#include "api/value_side.h"
#include "decision/cohorts.h"

namespace batuta::api {

struct ValueFound {
  uint64_t people = 0;  // of whom those looked at are a sample, or all
  uint64_t model_version = 0;
  base::Time time;
  decision::ValueTally tally;
  decision::CohortPeople cohort_people;  // all that were looked at, or a sample of them
  std::vector<decision::Cohort> cohorts;
};

class ValueRun : public std::enable_shared_from_this<ValueRun> {
 public:
  // Called once, from any thread: Cancelled if the client has gone, Aborted if the definitions
  // changed meanwhile, FailedPrecondition if the members of the segment are not found yet.
  using Done = std::function<void(absl::StatusOr<ValueFound>)>;

  ValueRun(ExchangePtr exchange, std::shared_ptr<const ValueQuestion> question, Done done);

  void Begin();

 private:
  void AskAll();
  void AskPartition(ValueSide& side);
  void GoOn(ValueSide& side);
  void Arrived();
  void LookAtDrawn();
  void Post(std::function<void()> step);
  void MergeNext();
  void Search();
  void Fail(const absl::Status& status);
  bool HasFailed();
  void End();

  const ExchangePtr exchange_;
  const std::shared_ptr<const ValueQuestion> question_;
  Done done_;
  std::vector<std::unique_ptr<ValueSide>> sides_;
  bool draws_;
  std::atomic<size_t> asking_ = 0;  // partitions that are not done

  ValueFound found_;
  size_t next_side_ = 0;  // to be merged
  std::unique_ptr<decision::CohortSearch> search_;

  absl::Mutex mutex_;
  absl::Status failed_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace batuta::api

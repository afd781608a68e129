// Folds the real course on a thread of its own, some hundreds of records ahead of whoever takes its
// steps.
//
// Made, asked and destroyed by one thread.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "whatif/real_course.h"

namespace batuta::whatif {

class StepsAhead {
 public:
  // Nobody else uses the course as long as this lives; the course outlives it.
  explicit StepsAhead(RealCourse& course);
  ~StepsAhead();
  StepsAhead(const StepsAhead&) = delete;
  StepsAhead& operator=(const StepsAhead&) = delete;

  // As RealCourse::Next().
  absl::StatusOr<std::optional<RealStep>> Next() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  using Batch = std::deque<RealStep>;
  void Run() ABSL_LOCKS_EXCLUDED(mutex_);
  bool Hand(Batch batch) ABSL_LOCKS_EXCLUDED(mutex_);
  bool HasRoom() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool HasNews() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  RealCourse& course_;
  Batch taken_;  // of the thread that asks
  absl::Mutex mutex_;
  std::deque<Batch> ready_ ABSL_GUARDED_BY(mutex_);
  bool is_over_ ABSL_GUARDED_BY(mutex_) = false;   // nothing comes after what is ready
  bool is_wanted_ ABSL_GUARDED_BY(mutex_) = true;  // false: nobody asks any more
  absl::Status status_ ABSL_GUARDED_BY(mutex_);    // why it is over
  std::thread thread_;
};

}  // namespace batuta::whatif

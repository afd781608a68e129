// The jobs of a hub: those that run, and the last that have ended with what they left.
//
// They live as long as the process: the end of the hub cancels those that run, and the next start
// removes what was left. Results are files under `jobs/` in the hub's folder, a folder for each
// job.
//
// Thread-safe. Internal to this folder.
#pragma once

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "api/background.h"
#include "api/job.h"
#include "base/time.h"
#include "engine/runtime_hub.h"
#include "http/problem.h"

namespace batuta::api {

// What a job is about, and whose it is.
struct JobWish {
  std::string kind = {};   // "decide_all"
  std::string about = {};  // the name of what it works on, such as a placement
  // Keys with all of these may see it, cancel it and take its result.
  std::vector<std::string> scopes = {};
  std::string key = {};  // the id of the API key that started it
  // How the client names the request, so that it can be sent again; "": not at all.
  std::string request = {};
  base::Id128 asked = {};  // what was asked for under that name
};

enum class JobState : uint8_t { kRunning, kDone, kFailed, kCancelled };
std::string_view JobStateName(JobState state);  // "running"

// A job at a moment.
struct JobView {
  std::string id;  // "job_…"
  JobWish wish;
  JobState state = JobState::kRunning;
  bool is_cancelling = false;  // it runs, and was told to end
  JobProgress progress;
  base::Time created;
  base::Time finished;                   // unless it runs
  std::optional<http::Problem> problem;  // of a failed one
  JobResult result;                      // of one that is done
  std::string folder;                    // where the result's file is
};

struct JobLimits {
  size_t running = 4;
  size_t finished = 50;                       // beyond it the oldest is removed
  uint64_t result_bytes = uint64_t{4} << 30;  // of those that are finished, together
};

class Jobs {
 public:
  // The hub and the background outlive it.
  Jobs(engine::Hub& hub, Background& background, JobLimits limits = {});
  ~Jobs();  // after Stop

  // Cancels those that run, waits until they have ended, and takes no more. Before the hub is
  // stopped, whose partitions take turns as long as a job asks for them.
  void Stop();

  // Removes what an earlier process left. Before the first Start.
  absl::Status Clear();

  // A request of the same key and name gets the job that it started, as long as that is there;
  // FailedPrecondition if another thing was asked for. ResourceExhausted: as many run as may;
  // Unavailable: the hub is stopping.
  absl::StatusOr<JobView> Start(JobWish wish, std::unique_ptr<Job> job);

  std::vector<JobView> All() const;  // the newest first
  std::optional<JobView> Find(std::string_view id) const;
  // Tells one that runs to end; removes one that has ended, with its result. Gives the job as it is
  // then, or was last. NotFound if there is none; the disk's error if its result stays.
  absl::StatusOr<JobView> CancelOrRemove(std::string_view id);

  size_t running_max() const { return limits_.running; }

 private:
  struct Entry {
    JobView view;
    std::unique_ptr<Job> job;
    std::unique_ptr<JobContext> context;
    std::thread thread;
    bool is_over = false;  // the thread has nothing more to do
    uint64_t bytes = 0;    // of the result
  };
  using Entries = std::list<Entry>;

  void Run(Entry& entry);
  void Finish(Entry& entry, absl::StatusOr<JobResult> result);
  http::Problem ProblemOf(const JobContext& context, const absl::Status& status) const;
  void RemoveOld(const Entry& ended) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Remove(Entries::iterator entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Entries::iterator At(std::string_view id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  JobView ViewOf(const Entry& entry) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  engine::Hub& hub_;
  Background& background_;
  const JobLimits limits_;
  const std::string folder_;
  mutable absl::Mutex mutex_;
  Entries entries_ ABSL_GUARDED_BY(mutex_);  // by age, the oldest first
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace batuta::api

// Work that takes longer than a request may: what a kind of job is, and what it may do while it
// runs.
//
//     class CountEverybody : public Job {
//       absl::StatusOr<JobResult> Run(JobContext& context) override {
//         std::atomic<uint64_t> people = 0;
//         BATUTA_RETURN_IF_ERROR(context.OnPartitions([&](engine::Fold& fold) -> Turn {
//           people += fold.state().self.last_number();
//           return false;  // this partition is through
//         }));
//         return JobResult{.summary = ObjectBuilder().AddCount("people", people).Take()};
//       }
//     };
//     StartJob(exchange, {.kind = "count", .scopes = {"people:read"}},
//              std::make_unique<CountEverybody>());  // job_answer.h: answers 202
//
// A job is plain code on a thread of its own, of low priority: it may block, on the disk or on the
// context. It ends soon after it was cancelled, which the end of the hub does too: every call of
// the context that can fail fails then, with Cancelled, and is passed on. Internal to this folder.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "api/background.h"
#include "base/disk.h"
#include "base/ids.h"
#include "base/value.pb.h"
#include "engine/fold.h"
#include "engine/runtime_hub.h"
#include "http/problem.h"

namespace batuta::api {

// What a job leaves behind, until it is removed.
struct JobResult {
  base::Value summary = {};       // an object, shown with the job; empty: nothing
  std::string file = {};          // in the job's folder; "": none
  std::string content_type = {};  // of the file
  std::string file_name = {};     // under which a browser saves it
};

// How far it is. Of what is done in one stage after the other each has a part of the whole.
struct JobProgress {
  std::string stage = {};  // a word for people: "scoring"
  uint64_t done = 0;       // things that the stage counts
  uint64_t total = 0;      // 0: not known
  double from = 0;         // the part of the whole that was done before the stage,
  double to = 1;           // and that is done after it

  double Share() const;  // of the whole, from 0 to 1
};

// Whether there is more to do in the partition; or why the job fails.
using Turn = absl::StatusOr<bool>;

// Used by the job's thread; `cancelled` and `Report` by any.
class JobContext {
 public:
  JobContext(engine::Hub& hub, Background& background, std::string folder);

  bool cancelled() const { return cancelled_; }
  // Cancelled once somebody does not want the job any more.
  absl::Status Check() const;

  void Report(JobProgress progress);

  // Calls `turn` on the thread of each partition but the control one until it says that there is no
  // more, in all of them at the same time, and returns when all are through. A turn is to take
  // about a millisecond: live traffic goes between the turns, and before them while the hub is
  // under pressure. The first error ends it. `turn` is not called after the return.
  absl::Status OnPartitions(std::function<Turn(engine::Fold&)> turn);

  // Whether that much can be written, and the hub still has room on its disk.
  absl::StatusOr<bool> HasRoom(uint64_t bytes);

  // Waits that long; less once it is cancelled.
  absl::Status Rest(base::Duration duration) const;

  // A status to return from Run: the job failed, by this problem. Of other errors those that the
  // hub says to clients are told as there; what else went wrong inside is not.
  absl::Status Fail(http::Problem problem);

  // The job's own, empty at first; goes with the job, and with what is in it.
  const std::string& folder() const { return folder_; }
  base::Disk& disk() { return hub_.disk(); }
  engine::Hub& hub() { return hub_; }

  // For whoever runs the job.
  void Cancel() { cancelled_ = true; }
  JobProgress progress() const;
  std::optional<http::Problem> problem() const;

 private:
  engine::Hub& hub_;
  Background& background_;
  const std::string folder_;
  std::atomic<bool> cancelled_ = false;
  mutable absl::Mutex mutex_;
  JobProgress progress_ ABSL_GUARDED_BY(mutex_);
  std::optional<http::Problem> problem_ ABSL_GUARDED_BY(mutex_);
};

class Job {
 public:
  virtual ~Job() = default;
  // Called once. Cancelled if it was, and it has not come to its end all the same.
  virtual absl::StatusOr<JobResult> Run(JobContext& context) = 0;
};

// A file of a job being written from its beginning to its end. Leaves the hub room on its disk.
class JobFile {
 public:
  static absl::StatusOr<JobFile> Create(JobContext& context, std::string_view name);

  // ResourceExhausted if the disk would become too full.
  absl::Status Append(std::string_view bytes);
  absl::Status Finish();  // nothing may be appended afterwards
  uint64_t size() const { return written_ + waiting_.size(); }

 private:
  JobFile(JobContext& context, std::unique_ptr<base::File> file)
      : context_(&context), file_(std::move(file)) {}
  absl::Status Flush();

  JobContext* context_;
  std::unique_ptr<base::File> file_;
  std::string waiting_;
  uint64_t written_ = 0;
};

}  // namespace batuta::api

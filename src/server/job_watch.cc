#include "server/job_watch.h"

#include <unistd.h>
#include <csignal>
#include <cstdio>

#include <chrono>
#include <thread>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "base/text.h"
#include "base/value.h"

namespace batuta::server {
namespace {

constexpr auto kBetweenLooks = std::chrono::milliseconds(200);

volatile std::sig_atomic_t interrupted = 0;

// While it lives Ctrl-C is noted and does not end the process.
class Interruptible {
 public:
  Interruptible() {
    interrupted = 0;
    struct sigaction note = {};
    note.sa_handler = [](int) { interrupted = 1; };
    sigaction(SIGINT, &note, &before_);
  }
  ~Interruptible() { sigaction(SIGINT, &before_, nullptr); }
  Interruptible(const Interruptible&) = delete;
  Interruptible& operator=(const Interruptible&) = delete;

 private:
  struct sigaction before_ = {};
};

// A line that is written over, on a terminal alone.
class ProgressLine {
 public:
  explicit ProgressLine(const Session& session)
      : is_shown_(!session.quiet && isatty(STDERR_FILENO) == 1) {}
  ~ProgressLine() {
    if (is_written_) std::fputs("\r\033[K", stderr);
  }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void Show(const base::Value& job) {
    const base::Value* share = base::FindPath(job.object(), "progress.share");
    if (!is_shown_ || share == nullptr) return;
    const std::string stage = CellText(base::FindPath(job.object(), "progress.stage"));
    std::fputs(absl::StrFormat("\r\033[K%3.0f %%  %s", 100 * share->number(), stage).c_str(),
               stderr);
    std::fflush(stderr);
    is_written_ = true;
  }

 private:
  const bool is_shown_;
  bool is_written_ = false;
};

absl::Status ProblemOf(const base::Value& job) {
  const base::Value* problem = base::Find(job.object(), "problem");
  if (problem == nullptr) return absl::InternalError("the job failed");
  return absl::InternalError(
      base::StrCat("the job failed: ", CellText(base::Find(problem->object(), "detail"))));
}

}  // namespace

absl::StatusOr<base::Value> WatchJob(const Session& session, ApiClient& client,
                                     const std::string& id) {
  const std::string path = "/v1/jobs/" + PercentEncode(id);
  const Interruptible interruptible;
  ProgressLine line(session);
  while (interrupted == 0) {
    BATUTA_ASSIGN_OR_RETURN(base::Value job, client.Get(path));
    const std::string state = CellText(base::Find(job.object(), "state"));
    if (state == "done") return job;
    if (state == "failed") return ProblemOf(job);
    if (state == "cancelled") return absl::CancelledError("the job was cancelled");
    line.Show(job);
    std::this_thread::sleep_for(kBetweenLooks);
  }
  BATUTA_RETURN_IF_ERROR(client.Delete(path).status());
  return absl::CancelledError("interrupted; the job is cancelled");
}

}  // namespace batuta::server

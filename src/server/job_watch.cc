#include "server/job_watch.h"

#include <unistd.h>

#include <cstdio>
#include <string>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "base/text.h"
#include "base/value.h"
#include "server/signals.h"

namespace batuta::server {
namespace {

constexpr base::Duration kLook = base::Millis(200);

std::string TextAt(const base::Value& job, std::string_view path) {
  return CellText(base::FindPath(job.object(), path));
}

// On a terminal the line is written again and again.
class ProgressLine {
 public:
  explicit ProgressLine(bool quiet) : shows_(!quiet && isatty(STDERR_FILENO) == 1) {}
  ~ProgressLine() {
    if (has_shown_) std::fputs("\r\033[K", stderr);
  }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void Show(const base::Value& job) {
    if (!shows_) return;
    const double share = base::FindPath(job.object(), "progress.share")->number();
    std::string line =
        absl::StrFormat("\r\033[K%3.0f %%  %s", 100 * share, TextAt(job, "progress.stage"));
    const std::string total = TextAt(job, "progress.total");
    if (!total.empty()) base::StrAppend(&line, " ", TextAt(job, "progress.done"), " of ", total);
    std::fputs(line.c_str(), stderr);
    has_shown_ = true;
  }

 private:
  const bool shows_;
  bool has_shown_ = false;
};

}  // namespace

std::string PathOfJob(const base::Value& job) {
  return "/v1/jobs/" + PercentEncode(TextAt(job, "id"));
}

absl::StatusOr<base::Value> WatchJob(const Session& session, ApiClient& client,
                                     const base::Value& started) {
  const std::string path = PathOfJob(started);
  ProgressLine line(session.quiet);
  while (true) {
    BATUTA_ASSIGN_OR_RETURN(base::Value job, client.Get(path));
    const std::string state = TextAt(job, "state");
    if (state == "done") return job;
    if (state == "failed") return absl::AbortedError(TextAt(job, "problem.detail"));
    if (state == "cancelled") return absl::CancelledError("the job was cancelled");
    line.Show(job);
    if (!AwaitEndingSignal(kLook)) continue;
    BATUTA_RETURN_IF_ERROR(client.Delete(path).status());
    return absl::CancelledError("cancelled");
  }
}

}  // namespace batuta::server

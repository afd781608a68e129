// Jobs: which there are, how far each is, cancelling one, and its result.
//
// Any secret key may ask; it sees the jobs that it could have started itself, and no others.
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "api/answer.h"
#include "api/api_key.h"
#include "api/ask.h"
#include "api/job_answer.h"
#include "api/jobs.h"
#include "api/piece_stream.h"
#include "api/routes.h"
#include "base/json.h"
#include "base/text.h"

namespace batuta::api {
namespace {

constexpr size_t kStep = size_t{256} << 10;
constexpr base::Duration kRest = base::Millis(5);

bool MaySee(const ExchangePtr& exchange, const JobView& job) {
  return std::all_of(job.wish.scopes.begin(), job.wish.scopes.end(),
                     [&](const std::string& scope) { return HasScope(*exchange->key(), scope); });
}

void FailNoJob(const ExchangePtr& exchange) {
  exchange->Fail(http::Status::kNotFound, "no_such_job",
                 "There is no job of this id that this key may see; jobs end with the hub's "
                 "process, and the oldest of those that have ended are removed.");
}

// Nothing, with the request answered, if there is none that the key may see.
std::optional<JobView> JobInPath(const ExchangePtr& exchange) {
  auto job = exchange->core().jobs.Find(exchange->parameter("id"));
  if (job.has_value() && MaySee(exchange, *job)) return job;
  FailNoJob(exchange);
  return std::nullopt;
}

void ListJobs(const ExchangePtr& exchange) {
  ListBuilder list;
  for (const JobView& job : exchange->core().jobs.All()) {
    if (MaySee(exchange, job)) list.Add(JobValue(job));
  }
  exchange->Json(base::ToJson(ObjectBuilder().Add("data", list.Take()).Take()));
}

void ShowJob(const ExchangePtr& exchange) {
  const auto job = JobInPath(exchange);
  if (job.has_value()) exchange->Json(base::ToJson(JobValue(*job)));
}

void CancelJob(const ExchangePtr& exchange) {
  if (!JobInPath(exchange).has_value()) return;
  InBackground(exchange, [exchange] {
    const auto job = exchange->core().jobs.CancelOrRemove(exchange->parameter("id"));
    if (absl::IsNotFound(job.status())) return FailNoJob(exchange);
    if (!job.ok()) return exchange->Fail(job.status());
    exchange->Json(base::ToJson(JobValue(*job)),
                   job->state == JobState::kRunning ? http::Status::kAccepted : http::Status::kOk);
  });
}

// Reads on also when the job is removed meanwhile.
class ResultSource : public std::enable_shared_from_this<ResultSource> {
 public:
  ResultSource(Core& core, std::unique_ptr<base::File> file)
      : core_(core), file_(std::move(file)) {}

  void Make(const PieceDone& done) {
    const auto read = [self = shared_from_this(), done] {
      auto bytes = self->file_->Read(self->at_, kStep);
      if (!bytes.ok()) return done(bytes.status());
      self->at_ += bytes->size();
      const bool more = bytes->size() == kStep;
      done(Piece{.bytes = *std::move(bytes), .more = more});
    };
    if (!core_.background.Post(read)) core_.background.After(kRest, read);
  }

 private:
  Core& core_;
  const std::unique_ptr<base::File> file_;
  uint64_t at_ = 0;
};

void SendResult(const ExchangePtr& exchange) {
  const auto job = JobInPath(exchange);
  if (!job.has_value()) return;
  if (job->state == JobState::kRunning) {
    return exchange->Fail(http::Status::kConflict, "still_running",
                          "The job is not done yet; its progress says how far it is.");
  }
  if (job->result.file.empty()) {
    return exchange->Fail(http::Status::kNotFound, "no_result",
                          "The job left no file; the job itself says what came of it.");
  }
  InBackground(exchange, [exchange, job = *job] {
    auto file = exchange->core().hub.disk().OpenFile(base::StrCat(job.folder, "/", job.result.file),
                                                     base::Disk::Open::kRead);
    if (absl::IsNotFound(file.status())) return FailNoJob(exchange);
    if (!file.ok()) return exchange->Fail(file.status());
    auto source = std::make_shared<ResultSource>(exchange->core(), *std::move(file));
    http::Response response;
    response.headers.Set("Content-Type", job.result.content_type);
    response.headers.Set("Content-Disposition",
                         base::StrCat("attachment; filename=\"", job.result.file_name, "\""));
    response.stream = StreamOf([source](const PieceDone& done) { source->Make(done); });
    exchange->Send(std::move(response));
  });
}

}  // namespace

void AddJobRoutes(Core& core) {
  constexpr Access kSecret = {.door = Access::Door::kSecret};
  AddRoute(core, http::Method::kGet, "/v1/jobs", kSecret, ListJobs);
  AddRoute(core, http::Method::kGet, "/v1/jobs/{id}", kSecret, ShowJob);
  AddRoute(core, http::Method::kDelete, "/v1/jobs/{id}", kSecret, CancelJob);
  AddRoute(core, http::Method::kGet, "/v1/jobs/{id}/result", kSecret, SendResult);
}

}  // namespace batuta::api

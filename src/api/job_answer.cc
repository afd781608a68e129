#include "api/job_answer.h"

#include <utility>

#include "api/answer.h"
#include "api/core.h"
#include "api/idempotency.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"
#include "base/value.h"

namespace batuta::api {
namespace {

// As an answer would have said it; the trace is that of whoever reads it now, so it has none.
base::Value ProblemValue(const http::Problem& problem) {
  ObjectBuilder out;
  out.Add("title", http::ReasonPhrase(problem.status));
  out.AddCount("status", static_cast<uint64_t>(problem.status));
  out.Add("detail", problem.detail).Add("code", problem.code);
  if (problem.errors.empty()) return out.Take();
  ListBuilder errors;
  for (const http::ProblemError& error : problem.errors) {
    errors.Add(ObjectBuilder()
                   .Add("pointer", error.pointer)
                   .Add("code", error.code)
                   .Add("detail", error.detail)
                   .Take());
  }
  return out.Add("errors", errors.Take()).Take();
}

base::Value ProgressValue(const JobProgress& progress) {
  ObjectBuilder out;
  out.Add("share", progress.Share());
  if (!progress.stage.empty()) out.Add("stage", progress.stage);
  out.AddCount("done", progress.done);
  if (progress.total != 0) out.AddCount("total", progress.total);
  return out.Take();
}

}  // namespace

void StartJob(const ExchangePtr& exchange, JobWish wish, std::unique_ptr<Job> job) {
  Jobs& jobs = exchange->core().jobs;
  if (wish.key.empty() && exchange->key() != nullptr) wish.key = exchange->key()->id();
  const auto name = IdempotencyKeyOf(exchange);
  if (!name.has_value()) return;
  wish.request = *name;
  const http::Request& request = exchange->request();
  wish.asked = base::Hash128(base::StrCat(request.target, "\n", request.body));
  const auto started = jobs.Start(std::move(wish), std::move(job));
  if (absl::IsResourceExhausted(started.status()) && !exchange->core().hub.runtime().DiskFull()) {
    return exchange->Fail({.status = http::Status::kTooManyRequests,
                           .code = "too_many_jobs",
                           .detail = base::StrCat("No more than ", jobs.running_max(),
                                                  " jobs run at once: wait for one to end, or "
                                                  "cancel one (/v1/jobs)."),
                           .retry_after = base::Seconds(10)});
  }
  if (absl::IsFailedPrecondition(started.status())) return FailMismatch(exchange);
  if (!started.ok()) return exchange->Fail(started.status());
  http::Response response =
      http::Response::Json(http::Status::kAccepted, base::ToJson(JobValue(*started)));
  response.headers.Set("Location", "/v1/jobs/" + started->id);
  exchange->Send(std::move(response));
}

base::Value JobValue(const JobView& view) {
  ObjectBuilder out;
  out.Add("id", view.id).Add("kind", view.wish.kind);
  if (!view.wish.about.empty()) out.Add("about", view.wish.about);
  out.Add("state", JobStateName(view.state));
  if (view.is_cancelling) out.Add("cancelling", true);
  out.Add("progress", ProgressValue(view.progress));
  out.AddTime("createdAt", view.created.micros);
  if (view.state != JobState::kRunning) out.AddTime("finishedAt", view.finished.micros);
  out.Add("key", view.wish.key);
  if (view.problem.has_value()) out.Add("problem", ProblemValue(*view.problem));
  if (!view.result.summary.object().fields().empty()) out.Add("summary", view.result.summary);
  if (!view.result.file.empty()) out.Add("result", base::StrCat("/v1/jobs/", view.id, "/result"));
  return out.Take();
}

}  // namespace batuta::api

#include "api/jobs.h"

#include <utility>

#include "base/status.h"
#include "base/text.h"
#include "base/thread.h"

namespace batuta::api {

std::string_view JobStateName(JobState state) {
  switch (state) {
    case JobState::kRunning:
      return "running";
    case JobState::kDone:
      return "done";
    case JobState::kFailed:
      return "failed";
    case JobState::kCancelled:
      return "cancelled";
  }
  return "";
}

Jobs::Jobs(engine::Hub& hub, Background& background, JobLimits limits)
    : hub_(hub), background_(background), limits_(limits), folder_(hub.folder() + "/jobs") {}

Jobs::~Jobs() { Stop(); }

void Jobs::Stop() {
  Entries ended;
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    for (Entry& entry : entries_) entry.context->Cancel();
    const auto all_over = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
      for (const Entry& entry : entries_) {
        if (!entry.is_over) return false;
      }
      return true;
    };
    mutex_.Await(absl::Condition(&all_over));
    ended.swap(entries_);
  }
  for (Entry& entry : ended) entry.thread.join();
}

absl::Status Jobs::Clear() {
  const auto names = hub_.disk().List(folder_);
  if (absl::IsNotFound(names.status())) return absl::OkStatus();
  BATUTA_RETURN_IF_ERROR(names.status());
  for (const std::string& name : *names) {
    BATUTA_RETURN_IF_ERROR(base::RemoveTree(hub_.disk(), base::StrCat(folder_, "/", name)));
  }
  return absl::OkStatus();
}

absl::StatusOr<JobView> Jobs::Start(JobWish wish, std::unique_ptr<Job> job) {
  const std::string id = "job_" + base::EncodeBase32(hub_.DrawId().ToBytes());
  const std::string folder = base::StrCat(folder_, "/", id);
  absl::MutexLock lock(&mutex_);
  if (stopping_) return absl::UnavailableError("the hub is stopping");
  for (const Entry& entry : entries_) {
    const JobWish& before = entry.view.wish;
    if (wish.request.empty() || before.request != wish.request || before.key != wish.key) continue;
    if (before.asked == wish.asked) return ViewOf(entry);
    return absl::FailedPreconditionError("the name of the request came with another one before");
  }
  size_t running = 0;
  for (const Entry& entry : entries_) running += entry.is_over ? 0 : 1;
  if (running >= limits_.running) {
    return absl::ResourceExhaustedError(
        base::StrCat(running, " jobs are running, which is as many as may"));
  }
  BATUTA_RETURN_IF_ERROR(hub_.disk().MakeDirectory(folder));
  Entry& entry = entries_.emplace_back();
  entry.view.id = id;
  entry.view.wish = std::move(wish);
  entry.view.created = hub_.clock().Wall();
  entry.view.folder = folder;
  entry.job = std::move(job);
  entry.context = std::make_unique<JobContext>(hub_, background_, folder);
  entry.thread = std::thread([this, &entry] { Run(entry); });
  return ViewOf(entry);
}

// On the job's own thread. The entry stays until it is over.
void Jobs::Run(Entry& entry) {
  base::NameThread("job");
  base::LowerPriority();
  absl::StatusOr<JobResult> result = entry.job->Run(*entry.context);
  entry.job.reset();
  Finish(entry, std::move(result));
}

void Jobs::Finish(Entry& entry, absl::StatusOr<JobResult> result) {
  uint64_t bytes = 0;
  if (result.ok() && !result->file.empty()) {
    const auto file = hub_.disk().OpenFile(base::StrCat(entry.view.folder, "/", result->file),
                                           base::Disk::Open::kRead);
    const auto size = file.ok() ? (*file)->Size() : file.status();
    if (size.ok()) {
      bytes = *size;
    } else {
      result = size.status();
    }
  }
  absl::MutexLock lock(&mutex_);
  JobView& view = entry.view;
  view.finished = hub_.clock().Wall();
  view.progress = entry.context->progress();
  entry.bytes = bytes;
  if (result.ok()) {
    view.state = JobState::kDone;
    view.progress.from = view.progress.to = 1;
    view.result = *std::move(result);
  } else if (absl::IsCancelled(result.status()) && entry.context->cancelled()) {
    view.state = JobState::kCancelled;
  } else {
    view.state = JobState::kFailed;
    view.problem = ProblemOf(*entry.context, result.status());
  }
  entry.is_over = true;
  if (!stopping_) RemoveOld(entry);
}

http::Problem Jobs::ProblemOf(const JobContext& context, const absl::Status& status) const {
  if (auto told = context.problem()) return *std::move(told);
  http::Problem problem{.status = http::StatusFor(status.code())};
  switch (status.code()) {
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kFailedPrecondition:
      problem.code = absl::IsNotFound(status) ? "not_found" : "refused";
      problem.detail = base::StrCat(status.message());
      return problem;
    case absl::StatusCode::kResourceExhausted:
      problem.code = hub_.runtime().DiskFull() ? "disk_full" : "overloaded";
      problem.detail = "The hub had no room for the job, or too much to do.";
      return problem;
    case absl::StatusCode::kUnavailable:
      problem.code = "stopping";
      problem.detail = "The hub was stopping.";
      return problem;
    default:  // what happened inside is nobody's business outside
      problem.code = "internal";
      problem.detail = "Something went wrong inside the hub.";
      return problem;
  }
}

std::vector<JobView> Jobs::All() const {
  absl::MutexLock lock(&mutex_);
  std::vector<JobView> all;
  for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) {
    all.push_back(ViewOf(*entry));
  }
  return all;
}

std::optional<JobView> Jobs::Find(std::string_view id) const {
  absl::MutexLock lock(&mutex_);
  for (const Entry& entry : entries_) {
    if (entry.view.id == id) return ViewOf(entry);
  }
  return std::nullopt;
}

absl::StatusOr<JobView> Jobs::CancelOrRemove(std::string_view id) {
  absl::MutexLock lock(&mutex_);
  const auto entry = At(id);
  if (entry == entries_.end()) return absl::NotFoundError("there is no such job");
  if (!entry->is_over) entry->context->Cancel();
  JobView view = ViewOf(*entry);
  if (entry->is_over) BATUTA_RETURN_IF_ERROR(Remove(entry));
  return view;
}

Jobs::Entries::iterator Jobs::At(std::string_view id) {
  auto entry = entries_.begin();
  while (entry != entries_.end() && entry->view.id != id) ++entry;
  return entry;
}

JobView Jobs::ViewOf(const Entry& entry) const {
  JobView view = entry.view;
  if (!entry.is_over) {
    view.is_cancelling = entry.context->cancelled();
    view.progress = entry.context->progress();
  }
  return view;
}

// All but the one that has just ended, on whose thread this runs. What cannot be removed stays, to
// be seen and tried again when the next has ended.
void Jobs::RemoveOld(const Entry& ended) {
  size_t count = 1;
  uint64_t bytes = ended.bytes;
  for (auto entry = entries_.end(); entry != entries_.begin();) {
    --entry;
    if (!entry->is_over || &*entry == &ended) continue;
    const bool is_kept = count < limits_.finished && bytes + entry->bytes <= limits_.result_bytes;
    const auto here = entry++;
    if (!is_kept && Remove(here).ok()) continue;
    --entry;
    ++count;
    bytes += entry->bytes;
  }
}

absl::Status Jobs::Remove(Entries::iterator entry) {
  // A reader of the result has it open, and reads on.
  BATUTA_RETURN_IF_ERROR(base::RemoveTree(hub_.disk(), entry->view.folder));
  entry->thread.join();  // it has nothing to do but to end
  entries_.erase(entry);
  return absl::OkStatus();
}

}  // namespace batuta::api

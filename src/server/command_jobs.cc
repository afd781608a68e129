// batuta jobs: long work of the hub, how far it is, and what it has made.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "base/text.h"
#include "base/value.h"
#include "server/client.h"
#include "server/commands.h"

namespace batuta::server {
namespace {

std::string PathOf(const std::string& id) { return "/v1/jobs/" + PercentEncode(id); }

ExitCode ListJobs(const Session& session) {
  auto client = ApiClient::Create(session);
  if (!client.ok()) return session.Fail(client.status());
  auto jobs = client->Get("/v1/jobs");
  if (!jobs.ok()) return session.Fail(jobs.status());
  const base::Value* data = base::Find(jobs->object(), "data");
  std::vector<base::Value> rows(data->list().values().begin(), data->list().values().end());
  if (session.output.format() == Output::Format::kTable) {
    for (base::Value& row : rows) {
      const double share = base::FindPath(row.object(), "progress.share")->number();
      base::SetField(*row.mutable_object(), "share",
                     base::TextValue(absl::StrFormat("%.0f %%", 100 * share)));
    }
  }
  session.output.Rows({{"id", "id"},
                       {"kind", "kind"},
                       {"about", "about"},
                       {"state", "state"},
                       {"done", "share"},
                       {"began", "createdAt"},
                       {"ended", "finishedAt"},
                       {"problem", "problem.code"}},
                      rows);
  return ExitCode::kOk;
}

ExitCode ShowJob(const Session& session, const std::string& id) {
  auto client = ApiClient::Create(session);
  if (!client.ok()) return session.Fail(client.status());
  const auto job = client->Get(PathOf(id));
  if (!job.ok()) return session.Fail(job.status());
  session.output.Object(*job);
  return ExitCode::kOk;
}

ExitCode CancelJob(const Session& session, const std::string& id) {
  auto client = ApiClient::Create(session);
  if (!client.ok()) return session.Fail(client.status());
  const auto job = client->Delete(PathOf(id));
  if (!job.ok()) return session.Fail(job.status());
  const bool is_running = CellText(base::Find(job->object(), "state")) == "running";
  session.Say((is_running ? "cancelled " : "removed ") + id);
  return ExitCode::kOk;
}

ExitCode TakeResult(const Session& session, const std::string& id, const std::string& path) {
  auto client = ApiClient::Create(session);
  if (!client.ok()) return session.Fail(client.status());
  const absl::Status taken = client->Download(PathOf(id) + "/result", path);
  return taken.ok() ? ExitCode::kOk : session.Fail(taken);
}

}  // namespace

void AddJobs(Command& root) {
  Command group = root.Add("jobs", "Long work: how far it is, what it has made");
  Command list = group.Add("list", "List the jobs that run, and the last ended");
  list.Example("batuta jobs list");
  list.Run([](Session& session) { return ListJobs(session); });
  auto id = std::make_shared<std::string>();
  constexpr char kId[] = "As `batuta jobs list` shows it";
  Command show = group.Add("show", "Show how far a job is, and what came of it");
  show.Argument("ID", *id, kId);
  show.Example("batuta jobs show job_069fqg1z8k1v5y3m7r2t4w6x8a");
  show.Run([id](Session& session) { return ShowJob(session, *id); });
  Command cancel = group.Add("cancel", "End a job, or remove one that has ended");
  cancel.Argument("ID", *id, kId);
  cancel.Example("batuta jobs cancel job_069fqg1z8k1v5y3m7r2t4w6x8a");
  cancel.Run([id](Session& session) { return CancelJob(session, *id); });
  auto path = std::make_shared<std::string>();
  Command result = group.Add("result", "Take the file that a job has made");
  result.Argument("ID", *id, kId);
  result.Option("--out FILE", *path, "Write it there, not to standard output");
  result.Example("batuta jobs result job_069fqg1z8k1v5y3m7r2t4w6x8a --out sent.csv");
  result.Run([id, path](Session& session) { return TakeResult(session, *id, *path); });
}

}  // namespace batuta::server

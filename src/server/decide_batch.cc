#include "server/decide_batch.h"

#include <unistd.h>

#include <cstdio>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/json.h"
#include "base/text.h"
#include "base/value.h"
#include "server/client.h"
#include "server/signals.h"

namespace batuta::server {
namespace {

constexpr base::Duration kLook = base::Millis(200);

bool IsNdjson(const Session& session, const std::string& out) {
  if (out == "-") return session.output_format == "ndjson";
  return out.ends_with(".ndjson") || out.ends_with(".jsonl");
}

std::string BodyFor(const Session& session, const BatchArguments& arguments) {
  base::JsonWriter json;
  json.BeginObject();
  if (!arguments.segment.empty()) {
    json.Key("segment");
    json.String(arguments.segment);
  }
  for (const auto& [name, number] :
       {std::pair("slots", arguments.slots), std::pair("limit", arguments.limit)}) {
    if (number == 0) continue;
    json.Key(name);
    json.Int(number);
  }
  json.Key("format");
  json.String(IsNdjson(session, arguments.out) ? "ndjson" : "csv");
  json.Key("dryRun");
  json.Bool(arguments.dry_run);
  json.EndObject();
  return json.Take();
}

std::string TextAt(const base::Value& job, std::string_view path) {
  return CellText(base::FindPath(job.object(), path));
}

// On a terminal the line is written again and again.
class ProgressLine {
 public:
  explicit ProgressLine(bool quiet) : shows_(!quiet && isatty(STDERR_FILENO) == 1) {}
  ~ProgressLine() { Clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void Show(const base::Value& job) {
    if (!shows_) return;
    const double share = base::FindPath(job.object(), "progress.share")->number();
    std::fputs(
        absl::StrFormat("\r\033[K%3.0f %%  %s %s of %s", 100 * share, TextAt(job, "progress.stage"),
                        TextAt(job, "progress.done"), TextAt(job, "progress.total"))
            .c_str(),
        stderr);
    has_shown_ = true;
  }
  void Clear() {
    if (has_shown_) std::fputs("\r\033[K", stderr);
    has_shown_ = false;
  }

 private:
  const bool shows_;
  bool has_shown_ = false;
};

void SayWhat(const Session& session, const base::Value& job) {
  const auto text = [&job](const char* name) {
    return TextAt(job, base::StrCat("summary.", name));
  };
  session.Say(base::StrCat(text("decided"), " of ", text("people"), " people get something; ",
                           text("could"), " could, ", text("heldOut"), " are held out; ",
                           text("choices"), " choices, worth ", text("netValue"), " ",
                           text("currency"), " net"));
  const base::Value* constraints = base::FindPath(job.object(), "summary.constraints");
  if (constraints == nullptr) return;
  for (const base::Value& one : constraints->list().values()) {
    const auto of = [&one](const char* name) { return CellText(base::Find(one.object(), name)); };
    session.Say(base::StrCat(of("kind"), " ", of("name"), ": ", of("taken"), " of ", of("left"),
                             " taken, ", of("missed"), " offers found it used up"));
  }
  if (text("dryRun") == "true") session.Say("Nothing was recorded: it was a dry run.");
}

// Until the job has ended; cancels it if the user interrupts.
absl::StatusOr<base::Value> Watch(const Session& session, ApiClient& client,
                                  const std::string& path) {
  ProgressLine line(session.quiet);
  while (true) {
    auto job = client.Get(path);
    if (!job.ok() || TextAt(*job, "state") != "running") return job;
    line.Show(*job);
    if (!AwaitEndingSignal(kLook)) continue;
    line.Clear();
    return client.Delete(path);
  }
}

}  // namespace

ExitCode DecideBatch(const Session& session, const BatchArguments& arguments) {
  if (arguments.slots < 0 || arguments.limit < 0) {
    return session.Fail(absl::InvalidArgumentError("--slots and --limit must be 1 or more")),
           ExitCode::kUsage;
  }
  BlockEndingSignals();
  auto client = ApiClient::Create(session);
  if (!client.ok()) return session.Fail(client.status());
  const auto started = client->Post(
      base::StrCat("/v1/placements/", PercentEncode(arguments.placement), ":decideAll"),
      BodyFor(session, arguments));
  if (!started.ok()) return session.Fail(started.status());
  const std::string path = "/v1/jobs/" + TextAt(*started, "id");
  const auto job = Watch(session, *client, path);
  if (!job.ok()) return session.Fail(job.status());
  const std::string state = TextAt(*job, "state");
  if (state == "failed") {
    return session.Fail(absl::AbortedError(TextAt(*job, "problem.detail")));
  }
  if (state != "done") {
    session.Say(arguments.dry_run ? "cancelled"
                                  : "cancelled; decisions that were recorded by then stay");
    return ExitCode::kInterrupted;
  }
  const absl::Status taken =
      client->Download(path + "/result", arguments.out == "-" ? "" : arguments.out);
  if (!taken.ok()) {
    return session.Fail(taken, "the file is kept: batuta jobs result " + TextAt(*job, "id"));
  }
  SayWhat(session, *job);
  const auto removed = client->Delete(path);
  return removed.ok() ? ExitCode::kOk : session.Fail(removed.status());
}

}  // namespace batuta::server

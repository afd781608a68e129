#include "server/decide_batch.h"

#include <utility>

#include "absl/strings/str_split.h"
#include "base/json.h"
#include "base/text.h"
#include "base/value.h"
#include "server/client.h"
#include "server/job_watch.h"
#include "server/signals.h"

namespace batuta::server {
namespace {

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
  if (!arguments.identifiers.empty()) {
    json.Key("identifiers");
    json.BeginArray();
    for (const absl::string_view type : absl::StrSplit(arguments.identifiers, ',')) {
      json.String({type.data(), type.size()});
    }
    json.EndArray();
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
  const auto job = WatchJob(session, *client, *started);
  if (absl::IsCancelled(job.status()) && !arguments.dry_run) {
    session.Say("decisions that were recorded by then stay");
  }
  if (!job.ok()) return session.Fail(job.status());
  const std::string path = PathOfJob(*job);
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

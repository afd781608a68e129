// batuta whatif: what the hub would have decided in its past with other resources.
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "base/json.h"
#include "base/status.h"
#include "base/text.h"
#include "base/value.h"
#include "server/client.h"
#include "server/commands.h"
#include "server/job_watch.h"
#include "server/resource_files.h"
#include "server/signals.h"

namespace batuta::server {
namespace {

struct WhatIfArguments {
  std::vector<std::string> paths;
  std::string from;
  std::string to;
  std::string segment;
  std::vector<std::string> by;
  bool prune = false;
  std::string language = "en";
};

absl::StatusOr<std::string> BodyFor(const WhatIfArguments& arguments) {
  base::JsonWriter json;
  json.BeginObject();
  json.Key("resources");
  json.BeginObject();
  BATUTA_RETURN_IF_ERROR(WriteResourceFiles(arguments.paths, json));
  if (arguments.prune) {
    json.Key("removeUnstated");
    json.Bool(true);
  }
  json.EndObject();
  for (const auto& [name, text] :
       {std::pair("from", &arguments.from), std::pair("to", &arguments.to),
        std::pair("segment", &arguments.segment)}) {
    if (text->empty()) continue;
    json.Key(name);
    json.String(*text);
  }
  if (!arguments.by.empty()) {
    json.Key("segments");
    json.BeginArray();
    for (const std::string& segment : arguments.by) json.String(segment);
    json.EndArray();
  }
  json.EndObject();
  return json.Take();
}

std::vector<base::Value> RowsOf(const base::Value& object, const char* member) {
  const base::Value* list = base::FindPath(object.object(), member);
  if (list == nullptr) return {};
  return {list->list().values().begin(), list->list().values().end()};
}

void PrintHead(const Session& session, const base::Value& found) {
  const auto text = [&found](const char* name) {
    return CellText(base::Find(found.object(), name));
  };
  const double share = base::Find(found.object(), "affectedShare")->number();
  std::string head =
      base::StrCat(text("changed"), " of ", text("decisions"),
                   " decisions would have been others, for ", text("affected"), " of ",
                   text("people"), " people (", absl::StrFormat("%.1f", 100 * share), " %)\n");
  if (text("notMade") != "0") {
    base::StrAppend(&head, text("notMade"), " would not have been made at all\n");
  }
  session.output.Text(head);
}

void PrintActions(const Session& session, const base::Value& found) {
  std::vector<base::Value> rows = RowsOf(found, "actions");
  bool has_segments = false;
  for (base::Value& row : rows) {
    base::Fields& fields = *row.mutable_object();
    if (base::Find(fields, "nothing") != nullptr) {
      base::SetField(fields, "action", base::TextValue("(nothing)"));
    }
    has_segments |= base::Find(fields, "segment") != nullptr;
  }
  std::vector<Column> columns = {
      {"action", "action"},          {"channel", "channel"},
      {"chosen", "was.chosen"},      {"would be", "wouldBe.chosen"},
      {"shown", "was.shown"},        {"would be", "wouldBe.shown"},
      {"spent", "was.spent.amount"}, {"would be", "wouldBe.spent.amount"}};
  if (has_segments) columns.insert(columns.begin(), {"segment", "segment"});
  session.output.Text("\nWhat was chosen, and what would have been:\n");
  session.output.Rows(columns, rows);
}

void PrintFalls(const Session& session, const base::Value& found) {
  constexpr size_t kRowsMax = 20;
  std::vector<base::Value> rows = RowsOf(found, "fell");
  std::erase_if(rows, [](const base::Value& row) {
    return base::Find(row.object(), "was")->number() ==
           base::Find(row.object(), "wouldBe")->number();
  });
  if (rows.empty()) return;
  if (rows.size() > kRowsMax) rows.resize(kRowsMax);
  session.output.Text("\nHow often something fell out, where that differs:\n");
  session.output.Rows(
      {{"stage", "stage"}, {"was", "was"}, {"would be", "wouldBe"}, {"reason", "text"}}, rows);
}

void PrintConstraints(const Session& session, const base::Value& found) {
  std::vector<base::Value> rows = RowsOf(found, "constraints");
  if (rows.empty()) return;
  for (base::Value& row : rows) {
    for (const char* course : {"was", "wouldBe"}) {
      const base::Value* used = base::Find(row.object(), course);
      const base::Value* amount = base::FindPath(used->object(), "amount");
      const std::string text = CellText(amount == nullptr ? used : amount);
      base::SetField(*row.mutable_object(), course, base::TextValue(text));
    }
  }
  session.output.Text("\nWhat was used of budgets, capacities and agreements:\n");
  session.output.Rows({{"kind", "kind"}, {"name", "name"}, {"was", "was"}, {"would be", "wouldBe"}},
                      rows);
}

std::string RangeText(const base::Value& estimate) {
  const auto number = [&estimate](const char* name) {
    return base::Find(estimate.object(), name)->number();
  };
  return absl::StrFormat("%.4g (%.4g to %.4g)", number("value"), number("low"), number("high"));
}

void PrintEstimates(const Session& session, const base::Value& found) {
  session.output.Text(base::StrCat(
      "\nWhat people would have answered is not known. Estimated from the first choice of ",
      CellText(base::FindPath(found.object(), "estimates.decisions")), " decisions:\n"));
  std::vector<base::Value> rows;
  std::string doubts;
  for (const base::Value& outcome : RowsOf(found, "estimates.outcomes")) {
    const std::string name = CellText(base::Find(outcome.object(), "outcome"));
    base::Value& row = rows.emplace_back();
    base::SetField(*row.mutable_object(), "outcome", base::TextValue(name));
    const auto add = [&row](const std::string& method, const base::Value& estimate) {
      base::SetField(*row.mutable_object(), method, base::TextValue(RangeText(estimate)));
    };
    add("logged", *base::Find(outcome.object(), "logged"));
    for (const base::Value& estimate : RowsOf(outcome, "estimates")) {
      add(CellText(base::Find(estimate.object(), "method")), estimate);
    }
    add("gain", *base::Find(outcome.object(), "gain"));
    for (const base::Value& doubt : RowsOf(outcome, "doubts")) {
      base::StrAppend(&doubts, name, " cannot be estimated: ", CellText(&doubt), "\n");
    }
  }
  session.output.Rows({{"per decision", "outcome"},
                       {"was", "logged"},
                       {"IPS", "ips"},
                       {"SNIPS", "snips"},
                       {"DR", "dr"},
                       {"gain by DR", "gain"}},
                      rows);
  const std::string why = CellText(base::FindPath(found.object(), "estimates.why"));
  if (!why.empty()) base::StrAppend(&doubts, "cannot be estimated: ", why, "\n");
  if (!doubts.empty()) session.output.Text(doubts);
}

absl::StatusOr<base::Value> Simulate(const Session& session, ApiClient& client,
                                     const WhatIfArguments& arguments, const std::string& body) {
  const std::string wish = "/v1/simulations?lang=" + PercentEncode(arguments.language);
  BATUTA_ASSIGN_OR_RETURN(const base::Value job, client.Post(wish, body));
  BATUTA_RETURN_IF_ERROR(WatchJob(session, client, job).status());
  const std::string path = PathOfJob(job);
  BATUTA_ASSIGN_OR_RETURN(base::Value found, client.Get(path + "/result"));
  BATUTA_RETURN_IF_ERROR(client.Delete(path).status());
  return found;
}

ExitCode Run(const Session& session, const WhatIfArguments& arguments) {
  if (arguments.paths.empty() || arguments.from.empty()) {
    return session.Fail(absl::InvalidArgumentError(
               "resources (--resources changed/) and a time (--from 2026-11-01T00:00:00Z) are "
               "needed")),
           ExitCode::kUsage;
  }
  const auto body = BodyFor(arguments);
  if (!body.ok()) return session.Fail(body.status());
  BlockEndingSignals();
  auto client = ApiClient::Create(session);
  if (!client.ok()) return session.Fail(client.status());
  const auto found = Simulate(session, *client, arguments, *body);
  if (!found.ok()) {
    PrintResourceErrors(client->errors());
    return session.Fail(found.status());
  }
  if (session.output.format() != Output::Format::kTable) {
    session.output.Object(*found);
    return ExitCode::kOk;
  }
  PrintHead(session, *found);
  PrintActions(session, *found);
  PrintConstraints(session, *found);
  PrintFalls(session, *found);
  PrintEstimates(session, *found);
  return ExitCode::kOk;
}

}  // namespace

void AddWhatIf(Command& root) {
  Command command = root.Add("whatif", "What would have been, with other resources");
  auto arguments = std::make_shared<WhatIfArguments>();
  command.Options("--resources PATH", arguments->paths, "Files or folders with what differs");
  command.Option("--from TIME", arguments->from, "From when on; what was before stays");
  command.Option("--to TIME", arguments->to, "Until when (now)");
  command.Option("--segment NAME", arguments->segment, "Count its members alone");
  command.Options("--by SEGMENT", arguments->by, "Count its members apart, too");
  command.Flag("--prune", arguments->prune, "Without what the files do not state");
  command.Option("--lang CODE", arguments->language, "Of texts: en or es (en)");
  command.Example("batuta whatif --resources changed/ --from 2026-11-01T00:00:00Z");
  command.Example("batuta whatif --resources caps.yaml --from 2026-11-01T00:00:00Z --by vip");
  command.Run([arguments](Session& session) { return Run(session, *arguments); });
}

}  // namespace batuta::server

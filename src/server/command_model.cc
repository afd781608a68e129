// batuta model: which there are, how well they predict, and what they have learned; and those that
// were made elsewhere.
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "base/json.h"
#include "base/text.h"
#include "base/value.h"
#include "server/client.h"
#include "server/commands.h"
#include "server/text_file.h"

namespace batuta::server {
namespace {

std::string ReportOf(const std::string& name) {
  return base::StrCat("/v1/models/", PercentEncode(name), ":report");
}

// A row for each action at each placement that a model has learned of.
ExitCode List(const Session& session) {
  auto client = ApiClient::Create(session);
  if (!client.ok()) return session.Fail(client.status());
  const auto resources = client->List("/v1/models", std::numeric_limits<size_t>::max());
  if (!resources.ok()) return session.Fail(resources.status());
  std::vector<base::Value> rows;
  for (const base::Value& resource : *resources) {
    const std::string name = base::Find(resource.object(), "name")->text();
    const auto report = client->Get(ReportOf(name));
    if (!report.ok()) return session.Fail(report.status());
    const base::Value* instances = base::Find(report->object(), "instances");
    for (const base::Value& instance : instances->list().values()) {
      base::Value& row = rows.emplace_back(instance);
      base::SetField(*row.mutable_object(), "model", base::TextValue(name));
    }
    if (!instances->list().values().empty()) continue;
    base::SetField(*rows.emplace_back().mutable_object(), "model", base::TextValue(name));
  }
  session.output.Rows({{"model", "model"},
                       {"action", "action"},
                       {"placement", "placement"},
                       {"positives", "positives"},
                       {"negatives", "negatives"},
                       {"maturity", "maturity"},
                       {"auc", "auc"}},
                      rows);
  return ExitCode::kOk;
}

ExitCode Show(const Session& session, const std::string& name) {
  auto client = ApiClient::Create(session);
  if (!client.ok()) return session.Fail(client.status());
  const auto report = client->Get(ReportOf(name));
  if (!report.ok()) return session.Fail(report.status());
  session.output.Object(*report);
  return ExitCode::kOk;
}

struct ImportArguments {
  std::string model;
  std::string file;
  std::string action;
};

// Puts the file in the place of the trees for the same action, and makes it a model of trees.
void SetTrees(base::Fields& spec, const std::string& action, const std::string& xgboost) {
  base::SetField(spec, "type", base::TextValue("trees"));
  base::Value list;
  if (const base::Value* before = base::Find(spec, "trees")) list = *before;
  base::Fields* trees = nullptr;
  for (base::Value& one : *list.mutable_list()->mutable_values()) {
    const base::Value* named = base::Find(one.object(), "action");
    if ((named == nullptr ? "" : named->text()) == action) trees = one.mutable_object();
  }
  if (trees == nullptr) trees = list.mutable_list()->add_values()->mutable_object();
  if (!action.empty()) base::SetField(*trees, "action", base::TextValue(action));
  base::SetField(*trees, "xgboost", base::TextValue(xgboost));
  base::SetField(spec, "trees", std::move(list));
}

ExitCode Import(const Session& session, const ImportArguments& arguments) {
  const auto file = ReadText(arguments.file);
  if (!file.ok()) return session.Fail(file.status());
  auto client = ApiClient::Create(session);
  if (!client.ok()) return session.Fail(client.status());
  const std::string target = base::StrCat("/v1/models/", PercentEncode(arguments.model));
  const auto resource = client->Get(target);
  if (!resource.ok()) return session.Fail(resource.status());
  base::Value changed = *resource;
  base::Value* spec = base::FindMutable(*changed.mutable_object(), "spec");
  const base::Value* etag = base::Find(resource->object(), "etag");
  if (spec == nullptr || etag == nullptr) {
    return session.Fail(absl::InternalError("the hub's answer is no resource"));
  }
  SetTrees(*spec->mutable_object(), arguments.action, *file);
  const auto done = client->Put(target, "application/json", base::ToJson(changed), etag->text());
  if (!done.ok()) return session.Fail(done.status());
  session.output.Object(*done);
  return ExitCode::kOk;
}

}  // namespace

void AddModel(Command& root) {
  Command group = root.Add("model", "Look at what has been learned, and how well");
  Command list = group.Add("list", "All models, by action and placement");
  list.Example("batuta model list");
  list.Run([](Session& session) { return List(session); });
  Command show = group.Add("show", "What a model has learned, with its predictors' bins");
  auto name = std::make_shared<std::string>();
  show.Argument("MODEL", *name, "The model's name");
  show.Example("batuta model show clicks");
  show.Run([name](Session& session) { return Show(session, *name); });
  Command import = group.Add("import", "Serve trees that XGBoost has made");
  auto arguments = std::make_shared<ImportArguments>();
  import.Argument("MODEL", arguments->model, "The model, with its predictors");
  import.Argument("FILE", arguments->file, "What save_model(\"….json\") wrote");
  import.Option("--action NAME", arguments->action, "For this action alone");
  import.Example("batuta model import clicks trees.json");
  import.Run([arguments](Session& session) { return Import(session, *arguments); });
}

}  // namespace batuta::server

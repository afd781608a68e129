// batuta model: which there are, how well they predict, and what they have learned; and those that
// were made elsewhere.
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
#include "server/model_change.h"
#include "server/reports.h"
#include "server/text_file.h"

namespace batuta::server {
namespace {

// A row for each action at each placement that a model has learned of, or for all ("*") where they
// share it: of people who were shown it, and of people from whom a holdout keeps it.
ExitCode List(const Session& session) {
  const auto reports = ReportsOf(session, "models");
  if (!reports.ok()) return session.Fail(reports.status());
  std::vector<base::Value> rows;
  for (const base::Value& report : *reports) {
    const std::string& name = base::Find(report.object(), "model")->text();
    const base::Value* instances = base::Find(report.object(), "instances");
    for (const base::Value& instance : instances->list().values()) {
      base::Value& row = rows.emplace_back(instance);
      base::SetField(*row.mutable_object(), "model", base::TextValue(name));
      if (base::Find(instance.object(), "shared") != nullptr) {
        base::SetField(*row.mutable_object(), "action", base::TextValue("*"));
      }
      const bool is_natural = base::Find(instance.object(), "natural") != nullptr;
      base::SetField(*row.mutable_object(), "people",
                     base::TextValue(is_natural ? "held out" : "shown"));
    }
    if (!instances->list().values().empty()) continue;
    base::SetField(*rows.emplace_back().mutable_object(), "model", base::TextValue(name));
  }
  session.output.Rows({{"model", "model"},
                       {"action", "action"},
                       {"placement", "placement"},
                       {"people", "people"},
                       {"positives", "positives"},
                       {"negatives", "negatives"},
                       {"maturity", "maturity"},
                       {"auc", "auc"}},
                      rows);
  return ExitCode::kOk;
}

struct ImportArguments {
  std::string model;
  std::string file;
  std::string action;
};

ExitCode Import(const Session& session, const ImportArguments& arguments) {
  const auto file = ReadText(arguments.file);
  if (!file.ok()) return session.Fail(file.status());
  auto client = ApiClient::Create(session);
  if (!client.ok()) return session.Fail(client.status());
  auto changed = ModelChange::Of(*client, arguments.model);
  if (!changed.ok()) return session.Fail(changed.status());
  changed->SetTrees(arguments.action, *file);
  const auto done = changed->Put(*client);
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
  show.Run([name](Session& session) { return ShowReport(session, "models", *name); });
  Command import = group.Add("import", "Serve trees that XGBoost has made");
  auto arguments = std::make_shared<ImportArguments>();
  import.Argument("MODEL", arguments->model, "The model, with its predictors");
  import.Argument("FILE", arguments->file, "What save_model(\"….json\") wrote");
  import.Option("--action NAME", arguments->action, "For this action alone");
  import.Example("batuta model import clicks trees.json");
  import.Run([arguments](Session& session) { return Import(session, *arguments); });
  AddModelTrain(group);
}

}  // namespace batuta::server

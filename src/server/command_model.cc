// batuta model: which there are, how well they predict, and what they have learned.
#include <limits>
#include <memory>

#include "base/text.h"
#include "base/value.h"
#include "server/client.h"
#include "server/commands.h"

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
}

}  // namespace batuta::server

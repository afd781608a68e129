// batuta holdout: what people who are not held out do more than those who are.
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "base/text.h"
#include "base/value.h"
#include "server/client.h"
#include "server/commands.h"

namespace batuta::server {
namespace {

std::string ReportOf(const std::string& name) {
  return base::StrCat("/v1/holdouts/", PercentEncode(name), ":report");
}

ExitCode List(const Session& session) {
  auto client = ApiClient::Create(session);
  if (!client.ok()) return session.Fail(client.status());
  const auto resources = client->List("/v1/holdouts", std::numeric_limits<size_t>::max());
  if (!resources.ok()) return session.Fail(resources.status());
  std::vector<base::Value> rows;
  for (const base::Value& resource : *resources) {
    const auto report = client->Get(ReportOf(base::Find(resource.object(), "name")->text()));
    if (!report.ok()) return session.Fail(report.status());
    rows.push_back(*report);
  }
  session.output.Rows({{"holdout", "holdout"},
                       {"arm", "arm"},
                       {"percent", "percent"},
                       {"held out", "heldOut.people"},
                       {"treated", "treated.people"},
                       {"contaminated", "contaminated"},
                       {"lift per person", "lift.worth.difference.value"},
                       {"from", "lift.worth.difference.low"},
                       {"to", "lift.worth.difference.high"},
                       {"currency", "currency"},
                       {"treated are", "lift.worth.verdict"}},
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

void AddHoldout(Command& root) {
  Command group = root.Add("holdout", "Look at what decisions are worth");
  Command list = group.Add("list", "All holdouts, with the lift in worth per person");
  list.Example("batuta holdout list");
  list.Run([](Session& session) { return List(session); });
  Command show = group.Add("show", "What both arms did and were worth, and the lift");
  auto name = std::make_shared<std::string>();
  show.Argument("HOLDOUT", *name, "The holdout's name");
  show.Example("batuta holdout show control");
  show.Run([name](Session& session) { return Show(session, *name); });
}

}  // namespace batuta::server

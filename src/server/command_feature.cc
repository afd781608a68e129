// batuta feature: which there are, what each is, and how far it has been found from the history.
#include <limits>
#include <memory>

#include "base/text.h"
#include "base/value.h"
#include "server/client.h"
#include "server/commands.h"

namespace batuta::server {
namespace {

std::string StatePath(const std::string& name) {
  return base::StrCat("/v1/features/", PercentEncode(name), ":state");
}

// With the state of each, asked for on its own.
ExitCode List(const Session& session) {
  auto client = ApiClient::Create(session);
  if (!client.ok()) return session.Fail(client.status());
  const auto resources = client->List("/v1/features", std::numeric_limits<size_t>::max());
  if (!resources.ok()) return session.Fail(resources.status());
  std::vector<base::Value> rows;
  for (const base::Value& resource : *resources) {
    auto state = client->Get(StatePath(base::Find(resource.object(), "name")->text()));
    if (!state.ok()) return session.Fail(state.status());
    rows.push_back(*std::move(state));
  }
  session.output.Rows({{"name", "feature"},
                       {"type", "type"},
                       {"unit", "unit"},
                       {"state", "state"},
                       {"progress", "progress"},
                       {"expression", "expression"}},
                      rows);
  return ExitCode::kOk;
}

ExitCode Show(const Session& session, const std::string& name) {
  auto client = ApiClient::Create(session);
  if (!client.ok()) return session.Fail(client.status());
  const auto state = client->Get(StatePath(name));
  if (!state.ok()) return session.Fail(state.status());
  session.output.Object(*state);
  return ExitCode::kOk;
}

}  // namespace

void AddFeature(Command& root) {
  Command group = root.Add("feature", "Look at features, and how complete they are");
  Command list = group.Add("list", "All features");
  list.Example("batuta feature list");
  list.Run([](Session& session) { return List(session); });
  Command show = group.Add("show", "What a feature is");
  auto name = std::make_shared<std::string>();
  show.Argument("FEATURE", *name, "The feature's name");
  show.Example("batuta feature show orders_90d");
  show.Run([name](Session& session) { return Show(session, *name); });
}

}  // namespace batuta::server

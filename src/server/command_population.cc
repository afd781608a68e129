// batuta population: which there are, their cut points, and measuring now.
#include <limits>
#include <memory>

#include "base/text.h"
#include "base/value.h"
#include "server/client.h"
#include "server/commands.h"

namespace batuta::server {
namespace {

std::string PathOf(const std::string& name, std::string_view what) {
  return base::StrCat("/v1/populations/", PercentEncode(name), what);
}

// With the state of each, asked for on its own.
ExitCode List(const Session& session) {
  auto client = ApiClient::Create(session);
  if (!client.ok()) return session.Fail(client.status());
  const auto resources = client->List("/v1/populations", std::numeric_limits<size_t>::max());
  if (!resources.ok()) return session.Fail(resources.status());
  std::vector<base::Value> rows;
  for (const base::Value& resource : *resources) {
    auto state = client->Get(PathOf(base::Find(resource.object(), "name")->text(), ":state"));
    if (!state.ok()) return session.Fail(state.status());
    rows.push_back(*std::move(state));
  }
  session.output.Rows({{"name", "population"},
                       {"of", "of"},
                       {"state", "state"},
                       {"version", "version"},
                       {"people", "people"},
                       {"time", "time"},
                       {"next", "next"}},
                      rows);
  return ExitCode::kOk;
}

ExitCode Show(const Session& session, const std::string& name) {
  auto client = ApiClient::Create(session);
  if (!client.ok()) return session.Fail(client.status());
  const auto state = client->Get(PathOf(name, ":state"));
  if (!state.ok()) return session.Fail(state.status());
  session.output.Object(*state);
  return ExitCode::kOk;
}

ExitCode Compute(const Session& session, const std::string& name) {
  auto client = ApiClient::Create(session);
  if (!client.ok()) return session.Fail(client.status());
  const auto answer = client->Post(PathOf(name, ":compute"), "");
  if (!answer.ok()) return session.Fail(answer.status());
  session.output.Object(*answer);
  return ExitCode::kOk;
}

using OfName = ExitCode (*)(const Session&, const std::string&);

void AddOfName(Command command, std::string_view example, OfName run) {
  auto name = std::make_shared<std::string>();
  command.Argument("POPULATION", *name, "The population's name");
  command.Example(example);
  command.Run([name, run](Session& session) { return run(session, *name); });
}

}  // namespace

void AddPopulation(Command& root) {
  Command group = root.Add("population", "Look at where people stand, and measure");
  Command list = group.Add("list", "All populations");
  list.Example("batuta population list");
  list.Run([](Session& session) { return List(session); });
  AddOfName(group.Add("show", "The cut points of a population"), "batuta population show spend",
            Show);
  AddOfName(group.Add("compute", "Measure a population now"), "batuta population compute spend",
            Compute);
}

}  // namespace batuta::server

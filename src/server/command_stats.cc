// batuta stats: what the hub holds and does.
#include "server/client.h"
#include "server/commands.h"

namespace batuta::server {

void AddStats(Command& root) {
  Command command = root.Add("stats", "Count people, events, merges and decisions");
  command.Example("batuta stats");
  command.Run([](Session& session) {
    auto client = ApiClient::Create(session);
    if (!client.ok()) return session.Fail(client.status());
    const auto stats = client->Get("/v1/stats");
    if (!stats.ok()) return session.Fail(stats.status());
    session.output.Object(*stats);
    return ExitCode::kOk;
  });
}

}  // namespace batuta::server

// batuta audit: who used which key for what has to be accounted for.
#include <memory>

#include "server/client.h"
#include "server/commands.h"

namespace batuta::server {
namespace {

ExitCode ListAudit(const Session& session, int64_t limit) {
  if (limit < 1) {
    return session.Fail(absl::InvalidArgumentError("--limit must be 1 or more")), ExitCode::kUsage;
  }
  auto client = ApiClient::Create(session);
  if (!client.ok()) return session.Fail(client.status());
  const auto rows = client->List("/v1/audit", static_cast<size_t>(limit));
  if (!rows.ok()) return session.Fail(rows.status());
  session.output.Rows({{"time", "time"},
                       {"action", "action"},
                       {"key", "key"},
                       {"object", "object"},
                       {"personId", "personId"},
                       {"identifier", "identifier"}},
                      *rows);
  return ExitCode::kOk;
}

}  // namespace

void AddAudit(Command& root) {
  Command command = root.Add("audit", "List who read personal values or changed things");
  auto limit = std::make_shared<int64_t>(50);
  command.Option("--limit N", *limit, "How many, the newest first (50)");
  command.Example("batuta audit --limit 1000 -o csv > audit.csv");
  command.Run([limit](Session& session) { return ListAudit(session, *limit); });
}

}  // namespace batuta::server

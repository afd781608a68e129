// batuta rejections: events that were answered with 200 and not applied, each with its reason.
#include <memory>

#include "server/client.h"
#include "server/commands.h"

namespace batuta::server {
namespace {

ExitCode ListRejections(const Session& session, int64_t limit) {
  if (limit < 1) {
    return session.Fail(absl::InvalidArgumentError("--limit must be 1 or more")), ExitCode::kUsage;
  }
  auto client = ApiClient::Create(session);
  if (!client.ok()) return session.Fail(client.status());
  const auto rows = client->List("/v1/rejections", static_cast<size_t>(limit));
  if (!rows.ok()) return session.Fail(rows.status());
  session.output.Rows({{"time", "time"},
                       {"source", "source"},
                       {"type", "type"},
                       {"code", "code"},
                       {"messageId", "messageId"},
                       {"pointer", "pointer"},
                       {"detail", "detail"}},
                      *rows);
  return ExitCode::kOk;
}

}  // namespace

void AddRejections(Command& root) {
  Command command = root.Add("rejections", "List events that were not taken, and why");
  auto limit = std::make_shared<int64_t>(50);
  command.Option("--limit N", *limit, "How many, the newest first (50)");
  command.Example("batuta rejections --limit 500 -o csv > rejected.csv");
  command.Run([limit](Session& session) { return ListRejections(session, *limit); });
}

}  // namespace batuta::server

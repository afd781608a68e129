// batuta backup: a copy of a running hub, made by that hub on its own machine.
#include <filesystem>
#include <memory>

#include "base/json.h"
#include "server/client.h"
#include "server/commands.h"

namespace batuta::server {

void AddBackup(Command& root) {
  Command command = root.Add("backup", "Copy a running hub into a new folder");
  auto folder = std::make_shared<std::string>();
  command.Argument("DIR", *folder, "On the hub's machine; must not exist");
  command.Example("batuta backup /backups/monday");
  command.Run([folder](Session& session) {
    auto client = ApiClient::Create(session);
    if (!client.ok()) return session.Fail(client.status());
    base::JsonWriter body;
    body.BeginObject();
    body.Key("path");
    body.String(std::filesystem::absolute(*folder).lexically_normal().string());
    body.EndObject();
    const auto done = client->Post("/v1/admin:backup", body.Take());
    if (!done.ok()) return session.Fail(done.status());
    session.output.Object(*done);
    session.Say("check it with: batuta log verify " + *folder);
    session.Say("The master key is not in it: keep a copy of that apart.");
    return ExitCode::kOk;
  });
}

}  // namespace batuta::server

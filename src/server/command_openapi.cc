// batuta openapi: the description of the hub's API.
#include "server/client.h"
#include "server/commands.h"

namespace batuta::server {

void AddOpenApi(Command& root) {
  Command command = root.Add("openapi", "Print the description of the API (OpenAPI 3.1)");
  command.Example("batuta openapi > openapi.yaml");
  command.Run([](Session& session) {
    auto client = ApiClient::Create(session);
    if (!client.ok()) return session.Fail(client.status());
    const auto text = client->GetText("/openapi.yaml");
    if (!text.ok()) return session.Fail(text.status());
    session.output.Text(*text);
    return ExitCode::kOk;
  });
}

}  // namespace batuta::server

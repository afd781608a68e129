// batuta keys: who may use the API.
#include <memory>

#include "base/json.h"
#include "base/text.h"
#include "base/value.h"
#include "server/client.h"
#include "server/commands.h"

namespace batuta::server {
namespace {

struct KeyArguments {
  std::string kind = "write";
  std::string source;
  std::string title;
  std::string expires;
  std::vector<std::string> scopes;
  int64_t events_per_second = 0;  // 0: not said
};

std::string BodyFor(const KeyArguments& arguments) {
  base::JsonWriter json;
  json.BeginObject();
  const auto add = [&json](const char* name, const std::string& text) {
    if (text.empty()) return;
    json.Key(name);
    json.String(text);
  };
  add("kind", arguments.kind);
  add("title", arguments.title);
  add("source", arguments.source);
  add("expiresAt", arguments.expires);
  if (arguments.events_per_second != 0) {
    json.Key("eventsPerSecond");
    json.Int(arguments.events_per_second);
  }
  if (!arguments.scopes.empty()) {
    json.Key("scopes");
    json.BeginArray();
    for (const std::string& scope : arguments.scopes) json.String(scope);
    json.EndArray();
  }
  json.EndObject();
  return json.Take();
}

ExitCode Create(const Session& session, const KeyArguments& arguments) {
  auto client = ApiClient::Create(session);
  if (!client.ok()) return session.Fail(client.status());
  const auto key = client->Post("/v1/keys", BodyFor(arguments));
  if (!key.ok()) return session.Fail(key.status());
  session.output.Object(*key);
  session.Say("The secret is shown this once; the hub keeps only its hash.");
  return ExitCode::kOk;
}

ExitCode ListKeys(const Session& session) {
  auto client = ApiClient::Create(session);
  if (!client.ok()) return session.Fail(client.status());
  const auto keys = client->List("/v1/keys", 10'000);
  if (!keys.ok()) return session.Fail(keys.status());
  session.output.Rows({{"id", "id"},
                       {"kind", "kind"},
                       {"source", "source"},
                       {"scopes", "scopes"},
                       {"created", "createdAt"},
                       {"expires", "expiresAt"},
                       {"events/s", "eventsPerSecond"},
                       {"revoked", "revoked"},
                       {"title", "title"}},
                      *keys);
  return ExitCode::kOk;
}

ExitCode Revoke(const Session& session, const std::string& id) {
  auto client = ApiClient::Create(session);
  if (!client.ok()) return session.Fail(client.status());
  const auto done = client->Delete("/v1/keys/" + PercentEncode(id));
  if (!done.ok()) return session.Fail(done.status());
  session.Say("revoked " + id);
  return ExitCode::kOk;
}

}  // namespace

void AddKeys(Command& root) {
  Command group = root.Add("keys", "Manage who may use the API");
  auto arguments = std::make_shared<KeyArguments>();
  Command create = group.Add("create", "Make a key and show its secret once");
  create.Option("--kind KIND", arguments->kind, "write, browser or secret (write)");
  create.Option("--source NAME", arguments->source, "Whose events come by it");
  create.Options("--scope NAME", arguments->scopes, "What a secret key may do; repeat");
  create.Option("--title TEXT", arguments->title, "What it is for");
  create.Option("--expires TIME", arguments->expires, "2027-01-01T00:00:00Z; never if not said");
  create.Option("--events-per-second N", arguments->events_per_second, "More are refused with 429");
  create.Example("batuta keys create --kind write --source web");
  create.Example("batuta keys create --kind secret --scope people:read");
  create.Run([arguments](Session& session) { return Create(session, *arguments); });
  Command list = group.Add("list", "List the keys");
  list.Example("batuta keys list");
  list.Run([](Session& session) { return ListKeys(session); });
  auto id = std::make_shared<std::string>();
  Command revoke = group.Add("revoke", "Refuse a key from now on");
  revoke.Argument("ID", *id, "As `batuta keys list` shows it");
  revoke.Example("batuta keys revoke 7h2k9q4m1x0c");
  revoke.Run([id](Session& session) { return Revoke(session, *id); });
}

}  // namespace batuta::server

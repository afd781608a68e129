// batuta erase: a person's data becomes unreadable for good.
#include <memory>

#include "base/text.h"
#include "server/client.h"
#include "server/commands.h"

namespace batuta::server {
namespace {

struct EraseArguments {
  std::string person;
  bool yes = false;
};

ExitCode Erase(const Session& session, const EraseArguments& arguments) {
  const auto path = PersonPath(arguments.person);
  if (!path.ok()) return session.Fail(path.status()), ExitCode::kUsage;
  if (!arguments.yes &&
      !session.Confirm("Destroy the keys of " + arguments.person + " and forget them for good?")) {
    session.Say("nothing was erased; say yes with --yes");
    return ExitCode::kUsage;
  }
  auto client = ApiClient::Create(session);
  if (!client.ok()) return session.Fail(client.status());
  const auto done = client->Delete(*path);
  if (!done.ok()) return session.Fail(done.status());
  session.output.Object(*done);
  return ExitCode::kOk;
}

}  // namespace

void AddErase(Command& root) {
  Command command = root.Add("erase", "Erase a person");
  auto arguments = std::make_shared<EraseArguments>();
  command.Argument("PERSON", arguments->person, "TYPE:VALUE, such as user_id:17850, or an id");
  command.Flag("-y,--yes", arguments->yes, "Do not ask");
  command.Example("batuta erase email:ana@uno.mx --yes");
  command.Run([arguments](Session& session) { return Erase(session, *arguments); });
}

}  // namespace batuta::server

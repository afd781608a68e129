// batuta people: who somebody is, and what happened to them.
#include <memory>

#include "base/text.h"
#include "server/client.h"
#include "server/commands.h"
#include "server/person_view.h"

namespace batuta::server {
namespace {

struct PersonArguments {
  std::string person;
  int64_t limit = 50;
};

ExitCode Show(const Session& session, const PersonArguments& arguments) {
  const auto path = PersonPath(arguments.person);
  if (!path.ok()) return session.Fail(path.status()), ExitCode::kUsage;
  auto client = ApiClient::Create(session);
  if (!client.ok()) return session.Fail(client.status());
  const auto person = client->Get(*path);
  if (!person.ok()) return session.Fail(person.status());
  PrintPerson(session.output, *person);
  return ExitCode::kOk;
}

ExitCode ShowTimeline(const Session& session, const PersonArguments& arguments) {
  const auto path = PersonPath(arguments.person);
  if (!path.ok()) return session.Fail(path.status()), ExitCode::kUsage;
  if (arguments.limit < 1) {
    return session.Fail(absl::InvalidArgumentError("--limit must be 1 or more")), ExitCode::kUsage;
  }
  auto client = ApiClient::Create(session);
  if (!client.ok()) return session.Fail(client.status());
  auto rows = client->List(*path + "/timeline", static_cast<size_t>(arguments.limit));
  if (!rows.ok()) return session.Fail(rows.status());
  PrintTimeline(session.output, *std::move(rows));
  return ExitCode::kOk;
}

}  // namespace

void AddPeople(Command& root) {
  Command group = root.Add("people", "See who somebody is and what they did");
  auto arguments = std::make_shared<PersonArguments>();
  Command show = group.Add("show", "Identifiers, traits, consents, counters of a person");
  show.Argument("PERSON", arguments->person, "TYPE:VALUE, such as user_id:17850, or an id");
  show.Example("batuta people show user_id:17850");
  show.Example("batuta people show email:ana@uno.mx -o json");
  show.Run([arguments](Session& session) { return Show(session, *arguments); });
  Command timeline = group.Add("timeline", "What a person did, the newest first");
  timeline.Argument("PERSON", arguments->person, "TYPE:VALUE, such as user_id:17850, or an id");
  timeline.Option("--limit N", arguments->limit, "How many events (50)");
  timeline.Example("batuta people timeline user_id:17850 --limit 200 -o csv");
  timeline.Run([arguments](Session& session) { return ShowTimeline(session, *arguments); });
}

}  // namespace batuta::server

// batuta explain and batuta replay: why a decision was as it was, and whether it would be again.
#include <memory>

#include "base/text.h"
#include "base/value.h"
#include "server/client.h"
#include "server/commands.h"
#include "server/explanation.h"

namespace batuta::server {
namespace {

struct ExplainArguments {
  std::string decision;
  std::string language = "en";
};

std::string PathOf(const std::string& decision) {
  return "/v1/decisions/" + PercentEncode(decision);
}

ExitCode Explain(const Session& session, const ExplainArguments& arguments) {
  auto client = ApiClient::Create(session);
  if (!client.ok()) return session.Fail(client.status());
  const auto explanation = client->Get(PathOf(arguments.decision) +
                                       "/explanation?lang=" + PercentEncode(arguments.language));
  if (!explanation.ok()) return session.Fail(explanation.status());
  PrintExplanation(session.output, *explanation);
  return ExitCode::kOk;
}

ExitCode Replay(const Session& session, const std::string& decision) {
  auto client = ApiClient::Create(session);
  if (!client.ok()) return session.Fail(client.status());
  const auto replayed = client->Post(PathOf(decision) + ":replay", "{}");
  if (!replayed.ok()) return session.Fail(replayed.status());
  session.output.Object(*replayed);
  const base::Value* equal = base::Find(replayed->object(), "equal");
  return equal != nullptr && equal->boolean() ? ExitCode::kOk : ExitCode::kFailure;
}

}  // namespace

void AddExplain(Command& root) {
  Command command = root.Add("explain", "Say why a decision was as it was");
  auto arguments = std::make_shared<ExplainArguments>();
  command.Argument("DECISION", arguments->decision, "Its id: dec_…");
  command.Option("--lang CODE", arguments->language, "en or es (en)");
  command.Example("batuta explain dec_0123456789 --lang es");
  command.Run([arguments](Session& session) { return Explain(session, *arguments); });
}

void AddReplay(Command& root) {
  Command command = root.Add("replay", "Make a decision again from what it was made of");
  auto decision = std::make_shared<std::string>();
  command.Argument("DECISION", *decision, "Its id: dec_…");
  command.Example("batuta replay dec_0123456789");
  command.Run([decision](Session& session) { return Replay(session, *decision); });
}

}  // namespace batuta::server

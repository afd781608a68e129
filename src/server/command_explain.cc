// batuta explain and batuta replay: why a decision was as it was and not otherwise, and whether it
// would be again.
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
  std::string why_not;
  std::string language = "en";
};

std::string PathOf(const std::string& decision) {
  return "/v1/decisions/" + PercentEncode(decision);
}

ExitCode Explain(const Session& session, const ExplainArguments& arguments) {
  auto client = ApiClient::Create(session);
  if (!client.ok()) return session.Fail(client.status());
  std::string path =
      PathOf(arguments.decision) + "/explanation?lang=" + PercentEncode(arguments.language);
  if (!arguments.why_not.empty()) path += "&action=" + PercentEncode(arguments.why_not);
  const auto explanation = client->Get(path);
  if (!explanation.ok()) return session.Fail(explanation.status());
  PrintExplanation(session.output, *explanation);
  return ExitCode::kOk;
}

struct ReplayArguments {
  std::string decision;
  int64_t sample = 0;
};

uint64_t CountIn(const base::Value& answer, std::string_view name) {
  const base::Value* count = base::Find(answer.object(), name);
  return count == nullptr ? 0 : static_cast<uint64_t>(count->number());
}

ExitCode ReplaySample(const Session& session, ApiClient& client, int64_t sample) {
  const auto audit =
      client.Post("/v1/decisions:replay", base::StrCat(R"({"sample":)", sample, "}"));
  if (!audit.ok()) return session.Fail(audit.status());
  session.output.Object(*audit);
  const bool is_right = CountIn(*audit, "different") + CountIn(*audit, "damaged") == 0;
  return is_right ? ExitCode::kOk : ExitCode::kFailure;
}

ExitCode Replay(const Session& session, const ReplayArguments& arguments) {
  if (arguments.decision.empty() == (arguments.sample == 0)) {
    return session.Fail(
               absl::InvalidArgumentError("name one decision, or say with --sample how many")),
           ExitCode::kUsage;
  }
  auto client = ApiClient::Create(session);
  if (!client.ok()) return session.Fail(client.status());
  if (arguments.sample != 0) return ReplaySample(session, *client, arguments.sample);
  const auto replayed = client->Post(PathOf(arguments.decision) + ":replay", "{}");
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
  command.Option("--why-not ACTION", arguments->why_not, "Why it was not this one");
  command.Option("--lang CODE", arguments->language, "en or es (en)");
  command.Example("batuta explain dec_0123456789 --lang es");
  command.Example("batuta explain dec_0123456789 --why-not gold-card");
  command.Run([arguments](Session& session) { return Explain(session, *arguments); });
}

void AddReplay(Command& root) {
  Command command = root.Add("replay", "Make decisions again from what they were made of");
  auto arguments = std::make_shared<ReplayArguments>();
  command.OptionalArgument("DECISION", arguments->decision, "Its id: dec_…");
  command.Option("--sample N", arguments->sample, "About so many of all that are kept");
  command.Example("batuta replay dec_0123456789");
  command.Example("batuta replay --sample 100000");
  command.Run([arguments](Session& session) { return Replay(session, *arguments); });
}

}  // namespace batuta::server

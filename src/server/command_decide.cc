// batuta decide: what the hub would offer somebody at a placement, now; or what everybody gets.
#include <memory>

#include "base/json.h"
#include "base/text.h"
#include "base/value.h"
#include "server/client.h"
#include "server/commands.h"
#include "server/decide_batch.h"
#include "server/explanation.h"

namespace batuta::server {
namespace {

struct DecideArguments {
  std::string user;
  std::string placement;
  bool explain = false;
  bool dry_run = false;
  std::string segment;
  bool everybody = false;
  std::string out;
  std::string identifiers;
  int64_t slots = 0;
  int64_t limit = 0;

  bool IsBatch() const {
    return !segment.empty() || everybody || !out.empty() || !identifiers.empty() || slots != 0 ||
           limit != 0;
  }
};

// "u1" is user_id:u1.
std::string BodyFor(const DecideArguments& arguments) {
  const size_t colon = arguments.user.find(':');
  const bool has_type = colon != std::string::npos && colon > 0;
  base::JsonWriter json;
  json.BeginObject();
  json.Key("person");
  json.BeginObject();
  json.Key(has_type ? arguments.user.substr(0, colon) : "user_id");
  json.String(has_type ? arguments.user.substr(colon + 1) : arguments.user);
  json.EndObject();
  json.Key("placement");
  json.String(arguments.placement);
  if (arguments.dry_run) {
    json.Key("dryRun");
    json.Bool(true);
  }
  json.Key("explain");
  json.String(arguments.explain ? "full" : "none");
  json.EndObject();
  return json.Take();
}

void PrintActions(const Session& session, const base::Value& decision) {
  session.output.Text("decision  " + CellText(base::Find(decision.object(), "id")) + "\n");
  const base::Value* actions = base::Find(decision.object(), "actions");
  if (actions == nullptr) return;
  session.output.Rows({{"slot", "slot"},
                       {"nothing", "nothing"},
                       {"action", "action"},
                       {"treatment", "treatment"},
                       {"variant", "variant"},
                       {"probability", "probability"},
                       {"title", "title"}},
                      {actions->list().values().begin(), actions->list().values().end()});
}

ExitCode DecideAll(const Session& session, const DecideArguments& arguments) {
  const bool is_for_one = !arguments.user.empty() || arguments.explain;
  if (is_for_one || arguments.segment.empty() != arguments.everybody ||
      arguments.placement.empty() || arguments.out.empty()) {
    return session.Fail(absl::InvalidArgumentError(
               "for many people, --placement and --out are needed, and --segment or --everybody; "
               "--user and --explain are for one")),
           ExitCode::kUsage;
  }
  return DecideBatch(session, {.placement = arguments.placement,
                               .segment = arguments.segment,
                               .out = arguments.out,
                               .identifiers = arguments.identifiers,
                               .slots = arguments.slots,
                               .limit = arguments.limit,
                               .dry_run = arguments.dry_run});
}

ExitCode Decide(const Session& session, const DecideArguments& arguments) {
  if (arguments.IsBatch()) return DecideAll(session, arguments);
  if (arguments.user.empty() || arguments.placement.empty()) {
    return session.Fail(absl::InvalidArgumentError("--user and --placement are needed")),
           ExitCode::kUsage;
  }
  auto client = ApiClient::Create(session);
  if (!client.ok()) return session.Fail(client.status());
  const auto decision = client->Post("/v1/decisions", BodyFor(arguments));
  if (!decision.ok()) return session.Fail(decision.status());
  if (session.output.format() != Output::Format::kTable) {
    session.output.Object(*decision);
    return ExitCode::kOk;
  }
  PrintActions(session, *decision);
  const base::Value* explanation = base::Find(decision->object(), "explanation");
  if (explanation != nullptr) PrintExplanation(session.output, *explanation);
  return ExitCode::kOk;
}

}  // namespace

void AddDecide(Command& root) {
  Command command = root.Add("decide", "Ask what to offer somebody, or everybody");
  auto arguments = std::make_shared<DecideArguments>();
  command.Option("--user PERSON", arguments->user, "TYPE:VALUE, or a user_id alone");
  command.Option("--placement NAME", arguments->placement, "Where it would be shown");
  command.Flag("--explain", arguments->explain, "With everything that was considered");
  command.Flag("--dry-run", arguments->dry_run, "Keep no record of it");
  command.Option("--segment NAME", arguments->segment, "For all its members, into a file");
  command.Flag("--everybody", arguments->everybody, "For everybody, into a file");
  command.Option("--out FILE", arguments->out, "CSV, or .ndjson; - is standard output");
  command.Option("--identifiers TYPES", arguments->identifiers, "Columns, such as user_id,email");
  command.Option("--slots N", arguments->slots, "Choices of each (as the placement has)");
  command.Option("--limit N", arguments->limit, "Choices of all: those worth most");
  command.Example("batuta decide --user 17850 --placement web.home.hero --explain");
  command.Example("batuta decide --segment vip --placement email.weekly --out vip.csv");
  command.Run([arguments](Session& session) { return Decide(session, *arguments); });
}

}  // namespace batuta::server

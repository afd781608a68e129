// batuta eval: what a rule says of a person, and why; or what is wrong with it.
#include <memory>

#include "base/json.h"
#include "base/text.h"
#include "base/value.h"
#include "server/client.h"
#include "server/commands.h"

namespace batuta::server {
namespace {

struct EvalArguments {
  std::string rule;
  std::string person;
  std::string context;
  std::string purpose;
  std::string language = "en";
};

absl::StatusOr<std::string> BodyFor(const EvalArguments& arguments) {
  base::JsonWriter json;
  json.BeginObject();
  json.Key("rule");
  json.String(arguments.rule);
  if (!arguments.person.empty()) {
    const size_t colon = arguments.person.find(':');
    const bool has_type = colon != std::string::npos && colon > 0;
    const bool is_id = !has_type && arguments.person.starts_with("per_");
    json.Key("person");
    json.BeginObject();
    json.Key(has_type ? arguments.person.substr(0, colon) : is_id ? "id" : "user_id");
    json.String(has_type ? arguments.person.substr(colon + 1) : arguments.person);
    json.EndObject();
  }
  if (!arguments.context.empty()) {
    const auto context = base::ParseJson(arguments.context);
    if (!context.ok() || !context->has_object()) {
      return absl::InvalidArgumentError(
          "--context must be a JSON object such as {\"page\":\"cart\"}");
    }
    json.Key("context");
    json.Write(*context);
  }
  if (!arguments.purpose.empty()) {
    json.Key("purpose");
    json.String(arguments.purpose);
  }
  json.EndObject();
  return json.Take();
}

std::string TextOf(const base::Value& object, std::string_view name) {
  return CellText(base::Find(object.object(), name));
}

void PrintNotes(const base::Value& answer) {
  const base::Value* notes = base::Find(answer.object(), "notes");
  if (notes == nullptr) return;
  for (const base::Value& note : notes->list().values()) {
    std::string line = base::StrCat(TextOf(note, "line"), ":", TextOf(note, "column"), ": ",
                                    TextOf(note, "severity"), ": ", TextOf(note, "detail"));
    const std::string meant = TextOf(note, "suggestion");
    if (!meant.empty()) base::StrAppend(&line, "; did you mean `", meant, "`?");
    std::fputs((line + "\n").c_str(), stderr);
  }
}

// Without a person the rule is only looked at.
ExitCode Validate(const Session& session, ApiClient& client, const std::string& body) {
  const auto answer = client.Post("/v1/rules:validate", body);
  if (!answer.ok()) return session.Fail(answer.status());
  PrintNotes(*answer);
  const base::Value* valid = base::Find(answer->object(), "valid");
  if (valid == nullptr || !valid->boolean()) return ExitCode::kValidation;
  session.output.Object(*answer);
  return ExitCode::kOk;
}

ExitCode Eval(const Session& session, const EvalArguments& arguments) {
  const auto body = BodyFor(arguments);
  if (!body.ok()) return session.Fail(body.status()), ExitCode::kUsage;
  auto client = ApiClient::Create(session);
  if (!client.ok()) return session.Fail(client.status());
  if (arguments.person.empty()) return Validate(session, *client, *body);
  const auto answer =
      client->Post(base::StrCat("/v1/rules:evaluate?lang=", arguments.language), *body);
  if (!answer.ok()) {
    for (const ApiError& error : client->errors()) {
      std::fputs(base::StrCat(error.detail, "\n").c_str(), stderr);
    }
    return session.Fail(answer.status());
  }
  PrintNotes(*answer);
  if (session.output.format() != Output::Format::kTable) {
    session.output.Object(*answer);
    return ExitCode::kOk;
  }
  session.output.Text(base::StrCat(TextOf(*answer, "outcome"), "\n"));
  const base::Value* leaves = base::Find(answer->object(), "leaves");
  if (leaves == nullptr) return ExitCode::kOk;
  for (const base::Value& leaf : leaves->list().values()) {
    session.output.Text(base::StrCat("  ", TextOf(leaf, "why"), "\n"));
  }
  return ExitCode::kOk;
}

}  // namespace

void AddEval(Command& root) {
  Command command = root.Add("eval", "Ask a rule of a person, and why");
  auto arguments = std::make_shared<EvalArguments>();
  command.Argument("RULE", arguments->rule, "An expression, such as person.traits.x == 1");
  command.Option("--person PERSON", arguments->person, "TYPE:VALUE, a user_id, or an id");
  command.Option("--context JSON", arguments->context, "The context of a decision, an object");
  command.Option("--purpose NAME", arguments->purpose, "What the rule is for");
  command.Option("--lang CODE", arguments->language, "en or es (en)");
  command.Example("batuta eval 'person.traits.country == \"MX\"' --person 17850");
  command.Example("batuta eval 'person.traits.plan > 3'");
  command.Run([arguments](Session& session) { return Eval(session, *arguments); });
}

}  // namespace batuta::server

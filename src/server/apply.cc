#include "server/apply.h"

#include "base/json.h"
#include "base/status.h"
#include "base/text.h"
#include "base/value.h"
#include "server/client.h"
#include "server/resource_files.h"

namespace batuta::server {
namespace {

absl::StatusOr<std::string> BodyOf(const ApplyOptions& options) {
  base::JsonWriter json;
  json.BeginObject();
  BATUTA_RETURN_IF_ERROR(WriteResourceFiles(options.paths, json));
  if (options.prune) {
    json.Key("removeUnstated");
    json.Bool(true);
  }
  json.EndObject();
  return json.Take();
}

std::string TextOf(const base::Value& object, std::string_view name) {
  return CellText(base::Find(object.object(), name));
}

bool IsEmptyList(const base::Value& diff, std::string_view name) {
  const base::Value* list = base::Find(diff.object(), name);
  return list == nullptr || list->list().values_size() == 0;
}

bool ChangesNothing(const base::Value& diff) {
  return IsEmptyList(diff, "added") && IsEmptyList(diff, "changed") && IsEmptyList(diff, "removed");
}

void PrintDiff(const Session& session, const base::Value& diff) {
  const std::string text = TextOf(diff, "text");
  if (session.output.format() == Output::Format::kTable) return session.output.Text(text);
  session.output.Object(diff);
  session.Say(base::TrimAscii(text));
}

}  // namespace

ExitCode Apply(const Session& session, const ApplyOptions& options) {
  const auto body = BodyOf(options);
  if (!body.ok()) return session.Fail(body.status());
  auto client = ApiClient::Create(session);
  if (!client.ok()) return session.Fail(client.status());
  const auto fail = [&](const absl::Status& status) {
    PrintResourceErrors(client->errors());
    return session.Fail(status);
  };
  const auto diff = client->Post("/v1/resources:diff", *body);
  if (!diff.ok()) return fail(diff.status());
  if (!options.brief) PrintDiff(session, *diff);
  if (options.dry_run || ChangesNothing(*diff)) return ExitCode::kOk;
  if (!options.yes && !session.Confirm("Apply this?")) {
    session.Say("nothing was applied; say yes with --yes");
    return ExitCode::kUsage;
  }
  const auto applied = client->Post("/v1/resources:apply", *body);
  if (!applied.ok()) return fail(applied.status());
  session.Say("applied as version " + TextOf(*applied, "version"));
  return ExitCode::kOk;
}

}  // namespace batuta::server

#include "server/apply.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "base/json.h"
#include "base/status.h"
#include "base/text.h"
#include "base/value.h"
#include "resource/problem.h"
#include "server/client.h"
#include "server/text_file.h"

namespace batuta::server {
namespace {

namespace fs = std::filesystem;

bool IsResourceFile(const fs::path& path) {
  const std::string extension = path.extension().string();
  return extension == ".yaml" || extension == ".yml" || extension == ".json";
}

absl::StatusOr<std::vector<std::string>> FilesOf(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    std::error_code error;
    if (!fs::is_directory(path, error)) {
      files.push_back(path);
      continue;
    }
    const size_t before = files.size();
    for (fs::recursive_directory_iterator entry(path, error), end; !error && entry != end;
         entry.increment(error)) {
      if (entry->is_regular_file(error) && IsResourceFile(entry->path())) {
        files.push_back(entry->path().string());
      }
    }
    std::sort(files.begin() + static_cast<std::ptrdiff_t>(before), files.end());
    if (files.size() == before) {
      return absl::NotFoundError(base::StrCat("there is no .yaml or .json file in ", path));
    }
  }
  return files;
}

// The texts go to the hub as they are, so that it can say where in them something is wrong.
absl::StatusOr<std::string> BodyOf(const ApplyOptions& options) {
  BATUTA_ASSIGN_OR_RETURN(const auto files, FilesOf(options.paths));
  base::JsonWriter json;
  json.BeginObject();
  json.Key("files");
  json.BeginArray();
  for (const std::string& file : files) {
    BATUTA_ASSIGN_OR_RETURN(const std::string text, ReadText(file));
    if (!base::IsValidUtf8(text)) {
      return absl::InvalidArgumentError(
          base::StrCat(file, ": byte ", base::ValidUtf8Prefix(text) + 1, " is not valid UTF-8"));
    }
    json.BeginObject();
    json.Key("name");
    json.String(file);
    json.Key("text");
    json.String(text);
    json.EndObject();
  }
  json.EndArray();
  if (options.prune) {
    json.Key("removeUnstated");
    json.Bool(true);
  }
  json.EndObject();
  return json.Take();
}

void PrintErrors(const std::vector<ApiError>& errors) {
  std::vector<resource::Problem> problems;
  for (const ApiError& error : errors) {
    problems.push_back({.severity = error.severity == "warning" ? resource::Severity::kWarning
                                                                : resource::Severity::kError,
                        .code = error.code,
                        .message = error.detail,
                        .pointer = error.pointer,
                        .resource = {error.kind, error.name},
                        .place = {error.file, error.line, error.column}});
  }
  std::fputs(resource::ToText(problems).c_str(), stderr);
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
    PrintErrors(client->errors());
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

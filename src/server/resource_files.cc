#include "server/resource_files.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "base/status.h"
#include "base/text.h"
#include "resource/problem.h"
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

}  // namespace

absl::Status WriteResourceFiles(const std::vector<std::string>& paths, base::JsonWriter& json) {
  BATUTA_ASSIGN_OR_RETURN(const auto files, FilesOf(paths));
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
  return absl::OkStatus();
}

void PrintResourceErrors(const std::vector<ApiError>& errors) {
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

}  // namespace batuta::server

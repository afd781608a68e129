#include "server/demo_company.h"

#include <algorithm>
#include <filesystem>
#include <string_view>

#include "base/json.h"
#include "base/status.h"
#include "base/text.h"
#include "base/value.h"
#include "resource/problem.h"
#include "resource/yaml.h"
#include "server/text_file.h"

namespace batuta::server {
namespace {

namespace fs = std::filesystem;

constexpr base::Duration kShortest = base::Seconds(10);

absl::StatusOr<std::vector<std::string>> FilesIn(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ".yaml") files.push_back(entry->path().string());
  }
  if (files.empty()) {
    return absl::NotFoundError(base::StrCat("there are no resources in ", folder,
                                            "; name the folder of the sample company with "
                                            "--resources (samples/company in the sources)"));
  }
  std::sort(files.begin(), files.end());
  return files;
}

void NoteAcceptEvent(const resource::Document& document, Company& company) {
  if (document.kind != "action") return;
  const base::Value* event = base::FindPath(document.spec, "accept.event");
  if (event != nullptr) company.accept_events[document.name] = event->text();
}

void QuickenField(base::Fields& fields, std::string_view name, base::Duration day) {
  base::Value* value = base::FindMutable(fields, name);
  if (value == nullptr) return;
  const auto span = base::ParseDuration(value->text());
  if (span.ok()) *value = base::TextValue(base::FormatDuration(Quickened(*span, day)));
}

void QuickenIn(base::Fields& spec, std::string_view object, std::string_view name,
               base::Duration day) {
  base::Value* value = base::FindMutable(spec, object);
  if (value != nullptr && value->has_object()) QuickenField(*value->mutable_object(), name, day);
}

}  // namespace

absl::StatusOr<Company> ReadCompany(const std::string& folder) {
  BATUTA_ASSIGN_OR_RETURN(const auto files, FilesIn(folder));
  Company company;
  for (const std::string& file : files) {
    BATUTA_ASSIGN_OR_RETURN(const std::string text, ReadText(file));
    auto parsed = resource::ParseDocuments(text, file, resource::Format::kYaml);
    if (resource::HasError(parsed.problems)) {
      return absl::InvalidArgumentError(resource::ToText(parsed.problems));
    }
    for (resource::Document& document : parsed.documents) {
      NoteAcceptEvent(document, company);
      company.documents.push_back(std::move(document));
    }
  }
  return company;
}

base::Duration Quickened(base::Duration span, base::Duration day) {
  if (day >= base::Days(1)) return span;
  const double share = static_cast<double>(day.micros) / static_cast<double>(base::Days(1).micros);
  const double seconds = static_cast<double>(span.micros) * share / 1e6;
  const base::Duration whole = base::Seconds(static_cast<int64_t>(seconds + 0.5));
  return std::min(span, std::max(whole, kShortest));
}

void Quicken(Company& company, base::Duration day) {
  if (day >= base::Days(1)) return;
  for (resource::Document& document : company.documents) {
    if (document.kind == "policy") {
      QuickenIn(document.spec, "cap", "window", day);
      QuickenIn(document.spec, "suppress", "for", day);
    } else if (document.kind == "placement") {
      QuickenField(document.spec, "expiresAfter", day);
      QuickenField(document.spec, "ignoredAfter", day);
    }
  }
}

std::string ApplyBody(const Company& company) {
  base::JsonWriter json;
  json.BeginObject();
  json.Key("documents");
  json.BeginArray();
  for (const resource::Document& document : company.documents) {
    json.BeginObject();
    json.Key("kind");
    json.String(document.kind);
    json.Key("name");
    json.String(document.name);
    json.Key("spec");
    json.Write(document.spec);
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  return json.Take();
}

}  // namespace batuta::server

#include "server/client.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "base/json.h"
#include "base/status.h"
#include "base/text.h"
#include "base/value.h"
#include "server/config.h"
#include "server/hub_folder.h"

namespace batuta::server {
namespace {

constexpr char kDefaultServer[] = "http://127.0.0.1:8480";

std::string Variable(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody sets any
  return value == nullptr ? "" : value;
}

absl::StatusOr<Config> ConfigOf(const Session& session) {
  std::vector<StatedSetting> options;
  if (!session.data.empty()) options.push_back({"data", session.data, "--data"});
  return LoadConfig(session.config, options);
}

// An address to listen on as one to connect to.
std::string UrlOf(std::string listen) {
  if (listen.starts_with("0.0.0.0:")) listen.replace(0, 7, "127.0.0.1");
  if (listen.starts_with("[::]:")) listen.replace(0, 4, "[::1]");
  return "http://" + listen;
}

absl::StatusCode CodeFor(http::Status status) {
  switch (static_cast<int>(status)) {
    case 400:
    case 413:
    case 415:
    case 422:
      return absl::StatusCode::kInvalidArgument;
    case 401:
      return absl::StatusCode::kUnauthenticated;
    case 403:
      return absl::StatusCode::kPermissionDenied;
    case 404:
    case 410:
      return absl::StatusCode::kNotFound;
    case 409:
    case 412:
      return absl::StatusCode::kAborted;
    case 429:
    case 503:
      return absl::StatusCode::kUnavailable;
    default:
      return absl::StatusCode::kInternal;
  }
}

std::string TextAt(const base::Fields& fields, std::string_view path) {
  const base::Value* value = base::FindPath(fields, path);
  return value == nullptr ? "" : CellText(value);
}

int NumberAt(const base::Fields& fields, std::string_view name) {
  const base::Value* value = base::Find(fields, name);
  const bool is_number = value != nullptr && value->kind_case() == base::Value::kNumber;
  return is_number ? static_cast<int>(value->number()) : 0;
}

std::vector<ApiError> ErrorsOf(const base::Fields& problem) {
  std::vector<ApiError> errors;
  const base::Value* list = base::Find(problem, "errors");
  if (list == nullptr) return errors;
  for (const base::Value& one : list->list().values()) {
    const base::Fields& fields = one.object();
    ApiError& error = errors.emplace_back();
    error.pointer = TextAt(fields, "pointer");
    error.code = TextAt(fields, "code");
    error.detail = TextAt(fields, "detail");
    error.kind = TextAt(fields, "kind");
    error.name = TextAt(fields, "name");
    error.file = TextAt(fields, "file");
    error.line = NumberAt(fields, "line");
    error.column = NumberAt(fields, "column");
    error.severity = TextAt(fields, "severity");
  }
  return errors;
}

}  // namespace

absl::StatusOr<ApiClient> ApiClient::Create(const Session& session, KeyFile which) {
  std::string server = session.server.empty() ? Variable("BATUTA_SERVER") : session.server;
  const char* variable = which == KeyFile::kAdmin ? "BATUTA_KEY" : "BATUTA_WRITE_KEY";
  std::string key = session.key.empty() ? Variable(variable) : session.key;
  if (server.empty() || key.empty()) {
    BATUTA_ASSIGN_OR_RETURN(const Config config, ConfigOf(session));
    if (server.empty()) server = UrlOf(config.Text("listen"));
    if (key.empty()) {
      const auto admin = ReadKeyFile(config.Text("data"), which);
      if (admin.ok()) key = *admin;
    }
  }
  if (server.empty()) server = kDefaultServer;
  if (!server.starts_with("http")) server = "http://" + server;
  while (server.ends_with("/")) server.pop_back();
  http::ClientOptions options;
  options.timeout = base::Minutes(10);
  BATUTA_ASSIGN_OR_RETURN(http::Client client, http::Client::Create(server, options));
  return ApiClient(std::move(client), std::move(server), std::move(key));
}

http::ClientRequest ApiClient::RequestOf(http::Method method, const std::string& target,
                                         std::string_view accept) const {
  http::ClientRequest request;
  request.method = method;
  request.target = target;
  request.headers.Add("Accept", accept);
  if (!key_.empty()) request.headers.Add("Authorization", "Bearer " + key_);
  return request;
}

absl::StatusOr<http::Response> ApiClient::OrNoHub(absl::StatusOr<http::Response> response) const {
  if (response.ok() || !absl::IsUnavailable(response.status())) return response;
  return absl::UnavailableError(base::StrCat("no hub answers at ", server_, " (",
                                             std::string(response.status().message()),
                                             "); start one with `batuta serve`"));
}

absl::StatusOr<http::Response> ApiClient::Send(http::Method method, const std::string& target,
                                               std::string body) {
  http::ClientRequest request = RequestOf(method, target, "application/json");
  if (!body.empty()) request.headers.Add("Content-Type", "application/json");
  request.body = std::move(body);
  return OrNoHub(client_.Send(request));
}

absl::StatusOr<base::Value> ApiClient::Put(const std::string& target, std::string_view content_type,
                                           std::string body, std::string_view replaces) {
  http::ClientRequest request = RequestOf(http::Method::kPut, target, "application/json");
  request.headers.Add("Content-Type", content_type);
  if (!replaces.empty()) request.headers.Add("If-Match", base::StrCat("\"", replaces, "\""));
  request.body = std::move(body);
  BATUTA_ASSIGN_OR_RETURN(const http::Response response, OrNoHub(client_.Send(request)));
  if (static_cast<int>(response.status) >= 300) return ErrorOf(response);
  return base::ParseJson(response.body.empty() ? "{}" : response.body);
}

absl::Status ApiClient::Download(const std::string& target, const std::string& path,
                                 std::string_view accept) {
  const std::string part = path + ".part";
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(nullptr, std::fclose);
  if (!path.empty()) file.reset(std::fopen(part.c_str(), "wb"));
  std::FILE* out = path.empty() ? stdout : file.get();
  if (out == nullptr) return absl::PermissionDeniedError(base::StrCat("cannot write ", part));
  bool is_written = true;
  const auto response = OrNoHub(
      client_.Stream(RequestOf(http::Method::kGet, target, accept), [&](std::string_view piece) {
        is_written = std::fwrite(piece.data(), 1, piece.size(), out) == piece.size();
        return is_written;
      }));
  absl::Status status = response.status();
  if (response.ok() && static_cast<int>(response->status) >= 300) status = ErrorOf(*response);
  is_written = std::fflush(out) == 0 && is_written;
  if (status.ok() && !is_written) {
    status = absl::InternalError(base::StrCat("cannot write ", path.empty() ? "the output" : part));
  }
  if (path.empty()) return status;
  file.reset();
  std::error_code error;
  if (status.ok()) {
    std::filesystem::rename(part, path, error);
    if (error) status = absl::InternalError(base::StrCat("cannot write ", path));
  }
  if (!status.ok()) std::filesystem::remove(part, error);
  return status;
}

absl::Status ApiClient::ErrorOf(const http::Response& response) {
  errors_.clear();
  std::string detail;
  const auto problem = base::ParseJson(response.body);
  if (problem.ok() && problem->has_object()) {
    errors_ = ErrorsOf(problem->object());
    detail = TextAt(problem->object(), "detail");
    if (detail.empty()) detail = TextAt(problem->object(), "title");
    if (TextAt(problem->object(), "code") == "invalid_request") {
      detail = "The request is not right.";
      for (const ApiError& error : errors_) {
        base::StrAppend(&detail, "\n  ", error.pointer, ": ", error.detail);
      }
    }
  }
  if (detail.empty()) {
    detail = base::StrCat("the hub answered ", static_cast<int>(response.status), " ",
                          http::ReasonPhrase(response.status));
  }
  if (static_cast<int>(response.status) == 401 && key_.empty()) {
    detail += "; give a key with --key or BATUTA_KEY, or the hub's folder with --data";
  }
  return {CodeFor(response.status), detail};
}

absl::StatusOr<std::string> ApiClient::GetCsv(const std::string& target) {
  std::string text;
  BATUTA_ASSIGN_OR_RETURN(const http::Response response,
                          OrNoHub(client_.Stream(RequestOf(http::Method::kGet, target, "text/csv"),
                                                 [&text](std::string_view piece) {
                                                   text += piece;
                                                   return true;
                                                 })));
  if (static_cast<int>(response.status) >= 300) return ErrorOf(response);
  return text;
}

absl::StatusOr<std::string> ApiClient::GetText(const std::string& target) {
  BATUTA_ASSIGN_OR_RETURN(http::Response response, Send(http::Method::kGet, target, ""));
  if (static_cast<int>(response.status) >= 300) return ErrorOf(response);
  return std::move(response.body);
}

absl::StatusOr<base::Value> ApiClient::Get(const std::string& target) {
  BATUTA_ASSIGN_OR_RETURN(const std::string text, GetText(target));
  return base::ParseJson(text);
}

absl::StatusOr<base::Value> ApiClient::Post(const std::string& target, std::string body) {
  BATUTA_ASSIGN_OR_RETURN(const http::Response response,
                          Send(http::Method::kPost, target, std::move(body)));
  if (static_cast<int>(response.status) >= 300) return ErrorOf(response);
  return base::ParseJson(response.body.empty() ? "{}" : response.body);
}

absl::StatusOr<base::Value> ApiClient::Delete(const std::string& target) {
  BATUTA_ASSIGN_OR_RETURN(const http::Response response, Send(http::Method::kDelete, target, ""));
  if (static_cast<int>(response.status) >= 300) return ErrorOf(response);
  return base::ParseJson(response.body.empty() ? "{}" : response.body);
}

absl::StatusOr<std::vector<base::Value>> ApiClient::List(const std::string& target, size_t limit) {
  std::vector<base::Value> rows;
  std::string cursor;
  while (rows.size() < limit) {
    std::string page_target = target;
    page_target += target.find('?') == std::string::npos ? "?" : "&";
    base::StrAppend(&page_target, "limit=", std::min<size_t>(limit - rows.size(), 100));
    if (!cursor.empty()) page_target += "&cursor=" + PercentEncode(cursor);
    BATUTA_ASSIGN_OR_RETURN(const base::Value page, Get(page_target));
    const base::Value* data = base::Find(page.object(), "data");
    if (data == nullptr) break;
    for (const base::Value& row : data->list().values()) rows.push_back(row);
    cursor = TextAt(page.object(), "nextCursor");
    if (cursor.empty() || data->list().values_size() == 0) break;
  }
  return rows;
}

std::string PercentEncode(std::string_view text) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    if (is_plain) {
      encoded += c;
    } else {
      encoded += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return encoded;
}

absl::StatusOr<std::string> PersonPath(std::string_view person) {
  const size_t colon = person.find(':');
  if (colon == std::string_view::npos && person.starts_with("per_")) {
    return base::StrCat("/v1/people/", PercentEncode(person));
  }
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == person.size()) {
    return absl::InvalidArgumentError(base::StrCat(
        "\"", person,
        "\" is no TYPE:VALUE such as user_id:17850 or email:ana@uno.mx, and no id such as per_…"));
  }
  return base::StrCat("/v1/people/", PercentEncode(person.substr(0, colon)), ":",
                      PercentEncode(person.substr(colon + 1)));
}

}  // namespace batuta::server

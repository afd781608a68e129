#include "api/routes.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "api/auth.h"
#include "base/text.h"

namespace batuta::api {
namespace {

constexpr size_t kSmallBody = size_t{64} << 10;
constexpr size_t kDocumentsBody = size_t{8} << 20;
constexpr size_t kRowsBody = size_t{32} << 20;  // a table's rows, or a list
constexpr size_t kOtherBody = size_t{1} << 20;
// How full the queues may be for each kind of work: what can wait is refused first.
constexpr double kImportPressure = 0.5;
constexpr double kIngestPressure = 0.8;
constexpr double kDecisionPressure = 0.95;

bool IsIngestPath(std::string_view path) {
  for (const std::string_view name : {"identify", "track", "page", "screen", "group", "alias",
                                      "batch", "import", "i", "t", "p", "s", "g", "a", "b", "m"}) {
    if (path.starts_with("/v1/") && path.substr(4) == name) return true;
  }
  return false;
}

bool IsImportPath(std::string_view path) {
  return path == "/v1/import" || path == "/v1/decisions:import";
}

bool IsRowsPath(std::string_view path) {
  return (path.starts_with("/v1/tables/") && path.ends_with("/rows")) ||
         (path.starts_with("/v1/segments/") && path.ends_with("/list"));
}

// Of many resources, or of one that may hold trees.
bool IsDocumentsPath(std::string_view path) {
  return path == "/v1/resources:apply" || path == "/v1/resources:diff" ||
         path.starts_with("/v1/models/");
}

// Also the settings that the browser's library asks for.
bool IsForPages(std::string_view path) {
  return IsIngestPath(path) || path.starts_with("/v1/decisions") ||
         path.starts_with("/v1/projects/");
}

// May the key pass? Answers itself if not.
bool PassesKey(const Access& access, const ExchangePtr& exchange) {
  const engine::ApiKey* key = exchange->key();
  const bool pass =
      access.door == Access::Door::kIngest
          ? key->kind() == kWriteKind || key->kind() == kBrowserKind
      : access.door == Access::Door::kSecret
          ? key->kind() == kSecretKind
          : HasScope(*key, access.scope) || (access.browser && key->kind() == kBrowserKind);
  if (pass) return true;
  const std::string needed = access.door == Access::Door::kIngest
                                 ? std::string("a write key or a browser key")
                             : access.door == Access::Door::kSecret
                                 ? std::string("a secret key")
                                 : base::StrCat("a secret key with the scope \"", access.scope,
                                                "\"", access.browser ? ", or a browser key" : "");
  exchange->Fail(http::Status::kForbidden, "wrong_key",
                 base::StrCat("This key may not do that; it takes ", needed, "."));
  return false;
}

// Where texts are asked for in a language that there are none in. Answers itself if not.
bool KnowsLanguage(const ExchangePtr& exchange) {
  const auto asked = exchange->request().Query("lang");
  if (!asked.has_value() || *asked == "en" || *asked == "es") return true;
  exchange->Fail(http::Status::kBadRequest, "bad_language",
                 base::StrCat("There are no texts in \"", *asked, "\": lang is en or es."));
  return false;
}

}  // namespace

void AddRoute(Core& core, http::Method method, std::string_view pattern, Access access,
              Handler handler) {
  core.router.Add(method, pattern,
                  [&core, route = std::string(pattern), access, handler = std::move(handler)](
                      http::Request&& request, const http::PathParameters& parameters,
                      http::Responder&& responder) {
                    auto exchange = std::make_shared<Exchange>(core, route, std::move(request),
                                                               parameters, std::move(responder));
                    const bool is_secret =
                        access.door == Access::Door::kScope || access.door == Access::Door::kSecret;
                    if (access.browser || !is_secret) exchange->AllowAnyOrigin();
                    if (access.door == Access::Door::kOpen) return handler(exchange);
                    if (!Authenticate(exchange, access.door == Access::Door::kIngest)) return;
                    if (PassesKey(access, exchange) && KnowsLanguage(exchange)) handler(exchange);
                  });
}

size_t BodyLimitOf(const ApiOptions& options, std::string_view path) {
  const size_t of_path = IsImportPath(path)                  ? options.import_bytes_max
                         : IsIngestPath(path)                ? options.batch_bytes_max
                         : IsDocumentsPath(path)             ? kDocumentsBody
                         : IsRowsPath(path)                  ? kRowsBody
                         : path.starts_with("/v1/decisions") ? kSmallBody
                                                             : kOtherBody;
  return std::min(of_path, options.body_bytes_max);
}

std::optional<http::Response> Admit(Core& core, const http::RequestHead& head) {
  if (!head.has_body || head.method == http::Method::kGet) return std::nullopt;
  const bool ingest = IsIngestPath(head.path);
  const bool decision = head.path.starts_with("/v1/decisions");
  std::optional<http::Problem> problem;
  const double limit = IsImportPath(head.path) ? kImportPressure
                       : ingest                ? kIngestPressure
                                               : kDecisionPressure;
  if ((ingest || decision) && core.hub.runtime().DiskFull()) {
    problem = DiskFullProblem();
  } else if ((ingest || decision) && core.hub.runtime().Pressure() > limit) {
    problem = OverloadProblem();
  } else {
    const std::string secret = SecretOf(head);
    if (!secret.empty() && core.keys.Check(secret, core.hub.clock().Wall()) == nullptr) {
      problem = BadKeyProblem();
    }
  }
  if (!problem.has_value()) return std::nullopt;
  http::Response response = http::ProblemResponse(*std::move(problem));
  if (IsForPages(head.path)) AddOpenCors(response.headers);
  return response;
}

std::optional<http::Response> Preflight(const http::Request& request, std::string_view allow) {
  if (!request.headers.Has("Origin") || !IsForPages(request.path)) return std::nullopt;
  http::Response response;
  response.status = http::Status::kNoContent;
  AddOpenCors(response.headers);
  response.headers.Set("Access-Control-Allow-Methods", allow);
  response.headers.Set("Access-Control-Allow-Headers",
                       "Authorization, Content-Type, Content-Encoding, Idempotency-Key, "
                       "X-Batuta-Strict, X-Log-Position, X-Retry-Count, traceparent");
  response.headers.Set("Access-Control-Max-Age", "86400");
  return response;
}

}  // namespace batuta::api

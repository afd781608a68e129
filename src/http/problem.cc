#include "http/problem.h"

#include <algorithm>
#include <random>

#include "base/ids.h"
#include "base/json.h"
#include "base/text.h"

namespace batuta::http {
namespace {

// Texts may quote what a client sent: what is not UTF-8 must not spoil the JSON.
std::string Clean(std::string_view text) {
  std::string clean(text);
  if (base::IsValidUtf8(clean)) return clean;
  std::replace_if(
      clean.begin(), clean.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; },
      '?');
  return clean;
}

void WriteIfSet(std::string_view name, std::string_view text, base::JsonWriter* json) {
  if (text.empty()) return;
  json->Key(name);
  json->String(Clean(text));
}

void WriteErrors(const std::vector<ProblemError>& errors, base::JsonWriter* json) {
  json->Key("errors");
  json->BeginArray();
  for (const ProblemError& error : errors) {
    json->BeginObject();
    json->Key("pointer");
    json->String(Clean(error.pointer));
    WriteIfSet("code", error.code, json);
    WriteIfSet("detail", error.detail, json);
    json->EndObject();
  }
  json->EndArray();
}

// Different from all others, and no secret.
std::string NewTraceId() {
  thread_local std::random_device device;
  std::string bytes;
  while (bytes.size() < 16) bytes.push_back(static_cast<char>(device()));
  return base::EncodeHex(bytes);
}

}  // namespace

std::string ProblemJson(const Problem& problem) {
  base::JsonWriter json;
  json.BeginObject();
  WriteIfSet("type", problem.type.empty() ? "about:blank" : problem.type, &json);
  WriteIfSet("title", problem.title.empty() ? ReasonPhrase(problem.status) : problem.title, &json);
  json.Key("status");
  json.Int(static_cast<int64_t>(problem.status));
  WriteIfSet("detail", problem.detail, &json);
  WriteIfSet("instance", problem.instance, &json);
  WriteIfSet("code", problem.code, &json);
  WriteIfSet("traceId", problem.trace_id, &json);
  if (!problem.errors.empty()) WriteErrors(problem.errors, &json);
  json.EndObject();
  return json.Take();
}

Response ProblemResponse(Problem problem) {
  if (problem.trace_id.empty()) problem.trace_id = NewTraceId();
  Response response;
  response.status = problem.status;
  response.headers.Add("Content-Type", "application/problem+json");
  response.headers.Add("X-Trace-Id", problem.trace_id);
  if (problem.retry_after.has_value()) {
    const int64_t seconds = (problem.retry_after->micros + 999'999) / 1'000'000;
    response.headers.Add("Retry-After", base::StrCat(std::max<int64_t>(seconds, 1)));
  }
  response.body = ProblemJson(problem);
  return response;
}

Status StatusFor(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kOk:
      return Status::kOk;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
      return Status::kBadRequest;
    case absl::StatusCode::kUnauthenticated:
      return Status::kUnauthorized;
    case absl::StatusCode::kPermissionDenied:
      return Status::kForbidden;
    case absl::StatusCode::kNotFound:
      return Status::kNotFound;
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kAborted:
      return Status::kConflict;
    case absl::StatusCode::kFailedPrecondition:
      return Status::kPreconditionFailed;
    case absl::StatusCode::kResourceExhausted:
      return Status::kTooManyRequests;
    case absl::StatusCode::kUnimplemented:
      return Status::kNotImplemented;
    case absl::StatusCode::kUnavailable:
      return Status::kServiceUnavailable;
    case absl::StatusCode::kDeadlineExceeded:
      return Status::kGatewayTimeout;
    default:
      return Status::kInternalServerError;
  }
}

}  // namespace batuta::http

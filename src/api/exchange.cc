#include "api/exchange.h"

#include <utility>

#include "absl/strings/str_format.h"
#include "base/text.h"

namespace batuta::api {
namespace {

// A trace that the caller began goes on here (W3C trace context).
std::string TraceIdOf(const http::RequestHead& head, engine::Hub& hub) {
  const std::string_view parent = head.Header("traceparent");
  if (parent.size() == 55 && parent.starts_with("00-")) {
    const std::string_view id = parent.substr(3, 32);
    const bool hex = id.find_first_not_of("0123456789abcdef") == std::string_view::npos;
    if (hex && id.find_first_not_of('0') != std::string_view::npos) return std::string(id);
  }
  return base::EncodeHex(hub.DrawId().ToBytes());
}

}  // namespace

void AddOpenCors(http::Headers& headers) {
  headers.Set("Access-Control-Allow-Origin", "*");
  headers.Set("Access-Control-Expose-Headers", "X-Log-Position, X-Trace-Id, Retry-After");
}

http::Problem OverloadProblem() {
  return {.status = http::Status::kServiceUnavailable,
          .code = "overloaded",
          .detail = "The hub has too much to do just now. Nothing was stored; retry shortly.",
          .retry_after = base::Seconds(1)};
}

http::Problem DiskFullProblem() {
  return {.status = http::Status::kServiceUnavailable,
          .code = "disk_full",
          .detail = "The disk of the hub is full. Nothing was stored; retry when there is space.",
          .retry_after = base::Seconds(30)};
}

Exchange::Exchange(Core& core, std::string_view route, http::Request&& request,
                   http::PathParameters parameters, http::Responder&& responder)
    : core_(core),
      route_(route),
      request_(std::move(request)),
      parameters_(std::move(parameters)),
      trace_id_(TraceIdOf(request_, core.hub)),
      responder_(std::move(responder)) {}

void Exchange::Send(http::Response response) {
  if (sent_.exchange(true)) return;
  const base::Duration took{core_.hub.clock().Monotonic().micros - request_.received.micros};
  response.headers.Set("X-Trace-Id", trace_id_);
  response.headers.Set("Server-Timing",
                       absl::StrFormat("total;dur=%.2f", static_cast<double>(took.micros) / 1000));
  if (any_origin_) AddOpenCors(response.headers);
  const std::string route = Label("route", route_);
  core_.metrics.Count(
      "batuta_http_requests_total",
      base::StrCat(route, ",", Label("status", base::StrCat(static_cast<int>(response.status)))));
  core_.metrics.Observe("batuta_http_request_duration_seconds", route, took);
  responder_.Send(std::move(response));
}

void Exchange::Json(std::string body, http::Status status) {
  Send(http::Response::Json(status, std::move(body)));
}

void Exchange::Fail(http::Problem problem) {
  problem.trace_id = trace_id_;
  http::Response response = http::ProblemResponse(problem);
  if (problem.status == http::Status::kUnauthorized) {
    response.headers.Set("WWW-Authenticate", "Basic realm=\"Batuta\", charset=\"UTF-8\"");
  }
  Send(std::move(response));
}

void Exchange::Fail(http::Status status, std::string_view code, std::string_view detail) {
  Fail({.status = status, .code = std::string(code), .detail = std::string(detail)});
}

void Exchange::Fail(std::vector<http::ProblemError> errors) {
  Fail({.status = http::Status::kUnprocessableContent,
        .code = "invalid_request",
        .detail = "The request is not right; see errors for where.",
        .errors = std::move(errors)});
}

void Exchange::FailNotJson(const absl::Status& why) {
  Fail(http::Status::kBadRequest, "not_json",
       base::StrCat("The body cannot be read as ", why.message()));
}

void Exchange::Fail(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kResourceExhausted:
      return Fail(core_.hub.runtime().DiskFull() ? DiskFullProblem() : OverloadProblem());
    case absl::StatusCode::kUnavailable:
      return Fail({.status = http::Status::kServiceUnavailable,
                   .code = "stopping",
                   .detail = "The hub is stopping. Nothing was stored; retry shortly.",
                   .retry_after = base::Seconds(2)});
    case absl::StatusCode::kDeadlineExceeded:
      return Fail({.status = http::Status::kServiceUnavailable,
                   .code = "timeout",
                   .detail = "There was no answer in time. The request may still take effect.",
                   .retry_after = base::Seconds(1)});
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kFailedPrecondition:
      return Fail(http::StatusFor(status.code()),
                  absl::IsNotFound(status) ? "not_found" : "refused",
                  base::StrCat(status.message()));
    default:  // what happened inside is nobody's business outside
      return Fail(http::Status::kInternalServerError, "internal",
                  "Something went wrong inside the hub.");
  }
}

}  // namespace batuta::api

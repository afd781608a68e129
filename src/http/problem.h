// Error answers as application/problem+json (RFC 9457), with the hub's stable code, the trace and
// the place of each error as a JSON pointer.
//
// Does not translate and does not decide what may be said: `detail` goes to the client as it is, so
// it must not hold paths, queries or other people's data.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "base/time.h"
#include "http/message.h"

namespace batuta::http {

struct ProblemError {
  std::string pointer{};  // RFC 6901, e.g. "/batch/3/userId"
  std::string code{};     // stable, e.g. "missing"
  std::string detail{};
};

struct Problem {
  Status status = Status::kBadRequest;
  std::string code{};      // stable, e.g. "invalid_event"
  std::string title{};     // the status' reason phrase if empty
  std::string detail{};    // what was wrong and what would be right
  std::string type{};      // a URL; "about:blank" if empty
  std::string instance{};  // a URL of this occurrence
  std::string trace_id{};
  std::vector<ProblemError> errors{};
  std::optional<base::Duration> retry_after{};  // sent as Retry-After, in whole seconds, at least 1
};

std::string ProblemJson(const Problem& problem);
// Also in the header X-Trace-Id. A problem without a trace gets one of its own, by which it can be
// asked about: 32 hexadecimal digits.
Response ProblemResponse(Problem problem);

// The HTTP status that says the same as a status code of ours: NotFound is 404, and so on; 500 for
// those that blame nobody.
Status StatusFor(absl::StatusCode code);

}  // namespace batuta::http

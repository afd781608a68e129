// Requests and responses as the rest of the hub sees them: plain values that know no socket.
//
// Does not parse or write the wire format. Not thread-safe; a message belongs to one thread at a
// time.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/time.h"
#include "http/headers.h"

namespace batuta::http {

enum class Method : uint8_t { kGet, kHead, kPost, kPut, kPatch, kDelete, kOptions };
std::string_view MethodName(Method method);
std::optional<Method> ParseMethod(std::string_view name);

// The statuses that the hub uses. Any other code can be had by a cast.
enum class Status : uint16_t {
  kContinue = 100,
  kOk = 200,
  kCreated = 201,
  kAccepted = 202,
  kNoContent = 204,
  kMovedPermanently = 301,
  kFound = 302,
  kSeeOther = 303,
  kNotModified = 304,
  kBadRequest = 400,
  kUnauthorized = 401,
  kForbidden = 403,
  kNotFound = 404,
  kMethodNotAllowed = 405,
  kNotAcceptable = 406,
  kRequestTimeout = 408,
  kConflict = 409,
  kGone = 410,
  kPreconditionFailed = 412,
  kContentTooLarge = 413,
  kUnsupportedMediaType = 415,
  kExpectationFailed = 417,
  kUnprocessableContent = 422,
  kPreconditionRequired = 428,
  kTooManyRequests = 429,
  kHeaderFieldsTooLarge = 431,
  kInternalServerError = 500,
  kNotImplemented = 501,
  kBadGateway = 502,
  kServiceUnavailable = 503,
  kGatewayTimeout = 504,
  kVersionNotSupported = 505,
};
std::string_view ReasonPhrase(Status status);

struct QueryParameter {
  std::string name;
  std::string value;
};

// What is known of a request before its body is read.
struct RequestHead {
  Method method = Method::kGet;
  std::string target;                 // as it came, e.g. "/v1/people/email:a%40b.mx?limit=5"
  std::string path;                   // percent-decoded, without the query; never holds a NUL
  std::vector<QueryParameter> query;  // in order, decoded, repeated names kept
  Headers headers;
  std::optional<uint64_t> content_length;  // of the body as sent; none if chunked or without a body
  bool has_body = false;
  std::string remote_address;  // of the peer of the socket; forwarding headers are not believed
  base::Duration received;     // monotonic, when the head was complete

  std::string_view Header(std::string_view name) const { return headers.Get(name); }
  // The value of the first query parameter of that name.
  std::optional<std::string_view> Query(std::string_view name) const;
  // The path as it came, still encoded: what routes are matched against, so that an encoded slash
  // in a name does not become a separator.
  std::string_view RawPath() const;
};

// Spare bytes behind a body, so that simdjson can parse it without copying (SIMDJSON_PADDING).
inline constexpr size_t kBodyPadding = 64;

struct Request : RequestHead {
  // Content codings (gzip, deflate) are undone already, whatever the content type says.
  // Invariant: body.capacity() >= body.size() + kBodyPadding.
  std::string body;
};

// Appends the next piece of a body to *chunk. True: call again once that piece has been sent; if
// nothing was appended, call again a little later. False: the body is complete. An error cuts the
// connection, so that the client cannot take what it has for the whole. Called on the connection's
// own thread: must not block. Destroyed, there too, as soon as the body is complete or the client
// is gone.
using BodyStream = std::function<absl::StatusOr<bool>(std::string* chunk)>;

struct Response {
  Status status = Status::kOk;
  Headers headers;  // Content-Length and Transfer-Encoding are the server's: ignored here
  std::string body;
  BodyStream stream;  // if set, the body is what it gives and `body` is ignored

  static Response Text(Status status, std::string_view text);
  static Response Json(Status status, std::string json);
};

}  // namespace batuta::http

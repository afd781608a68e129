#include "http/head_parser.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "absl/strings/ascii.h"
#include "base/status.h"
#include "http/target.h"

namespace batuta::http {
namespace {

constexpr size_t kFieldsMax = 128;

constexpr HeadProblem kFine{};

HeadProblem Bad(std::string_view detail) { return {Status::kBadRequest, detail}; }

// VCHAR, obs-text, space and tab: RFC 9110, section 5.5.
constexpr std::array<bool, 256> ValueTable() {
  std::array<bool, 256> table{};
  for (size_t c = 0; c < 256; ++c) table[c] = (c >= 0x20 && c != 0x7f) || c == '\t';
  return table;
}
constexpr std::array<bool, 256> kValueCharacters = ValueTable();

bool IsFieldValue(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return kValueCharacters[static_cast<unsigned char>(c)]; });
}

std::string_view TrimBlanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// The line that starts at `at`, without its CRLF. Requires: the head was scanned.
std::string_view LineAt(std::string_view text, size_t at) {
  const size_t end = text.find("\r\n", at);
  BATUTA_CHECK(end != std::string_view::npos);
  return text.substr(at, end - at);
}

std::optional<uint64_t> ParseLength(std::string_view text) {
  if (text.empty() || text.size() > 18) return std::nullopt;
  uint64_t length = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    length = length * 10 + static_cast<uint64_t>(c - '0');
  }
  return length;
}

bool IsHost(std::string_view host) {
  return std::all_of(host.begin(), host.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
           std::string_view("-._~:[]%").find(c) != std::string_view::npos;
  });
}

// How the body is framed, from fields that must leave no doubt.
HeadProblem ReadFraming(const Headers& headers, Framing* framing, std::optional<uint64_t>* length) {
  int lengths = 0;
  int codings = 0;
  for (size_t i = 0; i < headers.size(); ++i) {
    if (SameToken(headers.name(i), "content-length")) {
      ++lengths;
      *length = ParseLength(headers.value(i));
      if (!length->has_value()) return Bad("Content-Length is not a number.");
    } else if (SameToken(headers.name(i), "transfer-encoding")) {
      ++codings;
      if (!SameToken(headers.value(i), "chunked")) return Bad("Transfer-Encoding must be chunked.");
    }
  }
  if (lengths + codings > 1) return Bad("The length of the body is given more than once.");
  if (codings == 1) *framing = Framing::kChunked;
  if (lengths == 1) *framing = Framing::kLength;
  return kFine;
}

HeadProblem CheckHost(const ParsedRequest& request) {
  int hosts = 0;
  const Headers& headers = request.head.headers;
  for (size_t i = 0; i < headers.size(); ++i) {
    if (!SameToken(headers.name(i), "host")) continue;
    ++hosts;
    if (!IsHost(headers.value(i))) return Bad("Host is malformed.");
  }
  if (hosts > 1 || (hosts == 0 && !request.http_1_0)) return Bad("There must be one Host header.");
  return kFine;
}

HeadProblem ReadOptions(ParsedRequest* request) {
  const std::string_view connection = request->head.headers.Get("connection");
  request->keep_alive =
      request->http_1_0 ? ListHolds(connection, "keep-alive") : !ListHolds(connection, "close");
  const std::string_view expect = request->head.headers.Get("expect");
  if (expect.empty() || request->http_1_0) return kFine;
  if (!SameToken(expect, "100-continue")) {
    return {Status::kExpectationFailed, "Only 100-continue can be expected."};
  }
  request->expects_continue = true;
  return kFine;
}

HeadProblem ReadMethod(std::string_view name, RequestHead* head) {
  if (const std::optional<Method> method = ParseMethod(name)) {
    head->method = *method;
    return kFine;
  }
  if (!IsToken(name)) return Bad("The request line is malformed.");
  if (name == "TRACE" || name == "CONNECT") {
    return {Status::kMethodNotAllowed, "The method is not offered."};
  }
  return {Status::kNotImplemented, "The method is not known."};
}

HeadProblem ReadRequestLine(std::string_view line, ParsedRequest* request) {
  const size_t first = line.find(' ');
  const size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last)
    return Bad("The request line is malformed.");
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  const bool visible =
      std::all_of(target.begin(), target.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  if (!visible) return Bad("The target holds characters that must be percent-encoded.");
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    if (!version.starts_with("HTTP/")) return Bad("The request line is malformed.");
    return {Status::kVersionNotSupported, "Only HTTP/1.1 is spoken here."};
  }
  request->http_1_0 = version == "HTTP/1.0";
  request->head.target = target;
  const HeadProblem method = ReadMethod(line.substr(0, first), &request->head);
  if (method.status != Status::kOk) return method;
  if (!ParseTarget(&request->head)) return Bad("The target is malformed.");
  return kFine;
}

bool HasNoBody(Status status, Method asked) {
  return asked == Method::kHead || status == Status::kNoContent || status == Status::kNotModified;
}

}  // namespace

HeadScanner::State HeadScanner::Scan(std::string_view text) {
  while (at_ < text.size()) {
    const void* found = std::memchr(text.data() + at_, '\n', text.size() - at_);
    if (found == nullptr) {
      at_ = text.size();
      return State::kMore;
    }
    const auto end = static_cast<size_t>(static_cast<const char*>(found) - text.data());
    if (end == line_start_ || text[end - 1] != '\r') return State::kBad;
    at_ = end + 1;
    const bool empty = end - 1 == line_start_;
    line_start_ = at_;
    if (empty) return State::kComplete;
  }
  return State::kMore;
}

HeadProblem HeadParser::ParseFields(std::string_view text, size_t at, Headers* headers) {
  headers->Adopt(text);
  for (;;) {
    const std::string_view line = LineAt(text, at);
    if (line.empty()) return kFine;
    at += line.size() + 2;
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) return Bad("A header line has no colon.");
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = TrimBlanks(line.substr(colon + 1));
    if (!IsToken(name)) return Bad("A header name is malformed.");
    if (!IsFieldValue(value)) return Bad("A header value holds a control character.");
    if (headers->size() == kFieldsMax) {
      return {Status::kHeaderFieldsTooLarge, "There are too many header fields."};
    }
    headers->Mark(name, value, text.data());
  }
}

HeadProblem HeadParser::ParseRequest(std::string_view text, ParsedRequest* request) {
  const std::string_view line = LineAt(text, 0);
  HeadProblem problem = ReadRequestLine(line, request);
  if (problem.status != Status::kOk) return problem;
  RequestHead& head = request->head;
  problem = ParseFields(text, line.size() + 2, &head.headers);
  if (problem.status != Status::kOk) return problem;
  problem = ReadFraming(head.headers, &request->framing, &head.content_length);
  if (problem.status != Status::kOk) return problem;
  if (request->framing == Framing::kChunked && request->http_1_0) {
    return Bad("HTTP/1.0 has no Transfer-Encoding.");
  }
  head.has_body = request->framing == Framing::kChunked || head.content_length.value_or(0) > 0;
  problem = CheckHost(*request);
  if (problem.status != Status::kOk) return problem;
  return ReadOptions(request);
}

HeadProblem HeadParser::ParseResponse(std::string_view text, Method asked,
                                      ParsedResponse* response) {
  const std::string_view line = LineAt(text, 0);
  const bool http_1_0 = line.starts_with("HTTP/1.0 ");
  if (!http_1_0 && !line.starts_with("HTTP/1.1 ")) return Bad("The status line is malformed.");
  const std::optional<uint64_t> code = ParseLength(line.substr(9, 3));
  if (!code.has_value() || *code < 100 || *code > 599) return Bad("The status is malformed.");
  response->response.status = static_cast<Status>(*code);
  HeadProblem problem = ParseFields(text, line.size() + 2, &response->response.headers);
  if (problem.status != Status::kOk) return problem;
  const Headers& headers = response->response.headers;
  std::optional<uint64_t> length;
  response->framing = Framing::kUntilClose;
  problem = ReadFraming(headers, &response->framing, &length);
  if (problem.status != Status::kOk) return problem;
  response->content_length = length.value_or(0);
  if (HasNoBody(response->response.status, asked)) response->framing = Framing::kNone;
  response->keep_alive = !http_1_0 && !ListHolds(headers.Get("connection"), "close") &&
                         response->framing != Framing::kUntilClose;
  return kFine;
}

}  // namespace batuta::http

#include "http/response_writer.h"

#include <array>
#include <charconv>

#include "base/status.h"

namespace batuta::http {
namespace {

constexpr std::string_view kAlways =
    "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n";

void AppendNumber(uint64_t number, int base, std::string* out) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.begin(), digits.end(), number, base).ptr;
  out->append(digits.begin(), end);
}

// Fields that frame the message or that the server adds itself.
bool IsServersOwn(std::string_view name) {
  switch (name.size()) {
    case 10:
      return SameToken(name, "connection") || SameToken(name, "keep-alive");
    case 14:
      return SameToken(name, "content-length");
    case 15:
      return SameToken(name, "referrer-policy");
    case 17:
      return SameToken(name, "transfer-encoding");
    case 22:
      return SameToken(name, "x-content-type-options");
    default:
      return false;
  }
}

void WriteFields(const Headers& headers, std::string* out) {
  bool cache_control = false;
  for (size_t i = 0; i < headers.size(); ++i) {
    const std::string_view name = headers.name(i);
    if (IsServersOwn(name)) continue;
    cache_control = cache_control || SameToken(name, "cache-control");
    out->append(name).append(": ").append(headers.value(i)).append("\r\n");
  }
  if (!cache_control) out->append("Cache-Control: no-store\r\n");
}

void WriteFraming(const Response& response, const AnswerForm& form, std::string* out) {
  if (form.close) {
    out->append("Connection: close\r\n");
  } else if (form.http_1_0) {
    out->append("Connection: keep-alive\r\n");
  }
  if (!AllowsBody(response.status)) return;
  if (!response.stream) {
    out->append("Content-Length: ");
    AppendNumber(response.body.size(), 10, out);
    out->append("\r\n");
  } else if (!form.http_1_0) {
    out->append("Transfer-Encoding: chunked\r\n");
  }
}

}  // namespace

bool AllowsBody(Status status) {
  return status >= Status::kOk && status != Status::kNoContent && status != Status::kNotModified;
}

void WriteResponse(const Response& response, AnswerForm form, std::string* out) {
  if (response.status == Status::kOk) {
    out->append("HTTP/1.1 200 OK\r\n");
  } else {
    out->append("HTTP/1.1 ");
    AppendNumber(static_cast<uint64_t>(response.status), 10, out);
    out->append(" ").append(ReasonPhrase(response.status)).append("\r\n");
  }
  out->append(kAlways);
  WriteFields(response.headers, out);
  WriteFraming(response, form, out);
  out->append("\r\n");
  const bool has_body = AllowsBody(response.status) && form.asked != Method::kHead;
  if (has_body && !response.stream) out->append(response.body);
}

void WriteChunk(std::string_view data, std::string* out) {
  BATUTA_CHECK(!data.empty(), "an empty chunk would end the body");
  AppendNumber(data.size(), 16, out);
  out->append("\r\n").append(data).append("\r\n");
}

void WriteLastChunk(std::string* out) { out->append("0\r\n\r\n"); }

}  // namespace batuta::http

// Reads the head of a request or a response (RFC 9112), strictly: whatever two parsers could read
// in two ways is refused, because a proxy in front may have read it the other way.
//
// Refused: a line that ends with LF alone, folded lines, space before the colon, control
// characters, a second Content-Length even if equal, Content-Length together with
// Transfer-Encoding, any transfer coding but a lone "chunked", HTTP/1.1 without exactly one Host.
// Pure functions of bytes; touches no socket and no body.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "http/message.h"

namespace batuta::http {

// Finds where a head ends while its bytes arrive; does not look at a byte twice.
class HeadScanner {
 public:
  enum class State { kMore, kComplete, kBad };

  // `text` is all that has come since the head began. Bad: a bare LF.
  State Scan(std::string_view text);
  size_t size() const { return at_; }  // of the head with its empty line, once complete

 private:
  size_t at_ = 0;
  size_t line_start_ = 0;
};

enum class Framing : uint8_t { kNone, kLength, kChunked, kUntilClose };

struct ParsedRequest {
  RequestHead head;
  Framing framing = Framing::kNone;
  bool http_1_0 = false;
  bool keep_alive = true;
  bool expects_continue = false;
};

struct ParsedResponse {
  Response response;
  Framing framing = Framing::kNone;
  uint64_t content_length = 0;
  bool keep_alive = true;
};

// What is wrong with a head; `status` is kOk if nothing is.
struct HeadProblem {
  Status status = Status::kOk;
  std::string_view detail;
};

class HeadParser {
 public:
  // Requires: `text` is a complete head, its empty line included.
  static HeadProblem ParseRequest(std::string_view text, ParsedRequest* request);
  static HeadProblem ParseResponse(std::string_view text, Method asked, ParsedResponse* response);

 private:
  static HeadProblem ParseFields(std::string_view text, size_t at, Headers* headers);
};

}  // namespace batuta::http

// What a server has done since it started, for /metrics. A snapshot: plain numbers.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace batuta::http {

// Why a request or a connection was turned away by the server itself.
enum class Refusal : uint8_t {
  kMalformed,           // 400: syntax, ambiguous framing, broken coding
  kHeadTooLarge,        // 431
  kBodyTooLarge,        // 413
  kTooSlow,             // 408, or cut while writing
  kUnsupported,         // 405, 415, 417, 501, 505
  kNotAdmitted,         // the admission hook's answer
  kTooManyConnections,  // 503
  kTooManyBytes,        // 503: max_buffered_bytes
};
inline constexpr size_t kRefusals = 8;

// A label for metrics, e.g. "body_too_large".
std::string_view RefusalName(Refusal refusal);

struct ServerCounters {
  uint64_t connections_open = 0;
  uint64_t connections_accepted = 0;
  uint64_t requests_under_way = 0;  // given to the handler, not answered yet
  uint64_t requests_handled = 0;
  uint64_t bytes_in = 0;
  uint64_t bytes_out = 0;
  uint64_t handler_failures = 0;  // exceptions that left the handler, and streams that failed
  std::array<uint64_t, kRefusals> refused{};  // indexed by Refusal
};

}  // namespace batuta::http

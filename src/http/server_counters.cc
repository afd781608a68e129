#include "http/server_counters.h"

namespace batuta::http {

std::string_view RefusalName(Refusal refusal) {
  constexpr std::array<std::string_view, kRefusals> kNames = {
      "malformed",   "head_too_large", "body_too_large",       "too_slow",
      "unsupported", "not_admitted",   "too_many_connections", "too_many_bytes"};
  return kNames[static_cast<size_t>(refusal)];
}

}  // namespace batuta::http

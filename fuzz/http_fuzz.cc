// Fuzzes what comes over a connection: heads of requests and responses, and chunked bodies. However
// the bytes are cut into pieces, the same must be read; and nothing that was read may hold what
// would let a second parser read it otherwise.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "fuzz/input.h"
#include "http/chunk_decoder.h"
#include "http/head_parser.h"
#include "http/headers.h"

namespace batuta::http {
namespace {

bool IsClean(std::string_view text) {
  return text.find_first_of(std::string_view("\0\r\n", 3)) == std::string_view::npos;
}

void CheckHeaders(const Headers& headers) {
  for (size_t i = 0; i < headers.size(); ++i) {
    BATUTA_CHECK(IsToken(headers.name(i)) && IsClean(headers.value(i)));
  }
}

void CheckRequest(std::string_view head) {
  ParsedRequest request;
  const HeadProblem problem = HeadParser::ParseRequest(head, &request);
  if (problem.status != Status::kOk) return;
  BATUTA_CHECK(IsClean(request.head.target));
  BATUTA_CHECK(request.head.path.find('\0') == std::string::npos);
  BATUTA_CHECK((request.framing == Framing::kLength) == request.head.content_length.has_value());
  CheckHeaders(request.head.headers);
}

void CheckResponse(std::string_view head, Method asked) {
  ParsedResponse parsed;
  if (HeadParser::ParseResponse(head, asked, &parsed).status != Status::kOk) return;
  CheckHeaders(parsed.response.headers);
}

struct Decoded {
  ChunkDecoder::State state = ChunkDecoder::State::kMore;
  std::string body;
  size_t consumed = 0;
  bool operator==(const Decoded&) const = default;
};

Decoded DecodeChunks(std::string_view text, size_t piece) {
  ChunkDecoder decoder;
  Decoded decoded;
  while (decoded.state == ChunkDecoder::State::kMore && decoded.consumed < text.size()) {
    size_t used = 0;
    const std::string_view next = text.substr(decoded.consumed, piece);
    decoded.state = decoder.Decode(next, &decoded.body, &used);
    BATUTA_CHECK(used <= next.size());
    if (decoded.state == ChunkDecoder::State::kBad) return {decoded.state, {}, {}};
    BATUTA_CHECK(decoded.state == ChunkDecoder::State::kDone || used == next.size());
    decoded.consumed += used;
  }
  return decoded;
}

void CheckChunks(std::string_view text, size_t piece) {
  const Decoded whole = DecodeChunks(text, text.size() + 1);
  BATUTA_CHECK(whole == DecodeChunks(text, piece), "pieces of a body are read otherwise");
  BATUTA_CHECK(whole.body.size() <= text.size());
}

}  // namespace
}  // namespace batuta::http

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace batuta::http;
  batuta::fuzz::Input input(data, size);
  const unsigned choice = input.U8();
  const size_t piece = 1 + choice % 7;
  const std::string_view text = input.rest();
  HeadScanner whole;
  const HeadScanner::State state = whole.Scan(text);
  HeadScanner in_pieces;
  HeadScanner::State last = in_pieces.Scan("");
  for (size_t end = 0; end < text.size() && last == HeadScanner::State::kMore;) {
    end = std::min(end + piece, text.size());
    last = in_pieces.Scan(text.substr(0, end));
  }
  if (text.empty()) return 0;
  BATUTA_CHECK(state == last, "pieces of a head are read otherwise");
  if (state != HeadScanner::State::kComplete) {
    CheckChunks(text, piece);
    return 0;
  }
  BATUTA_CHECK(whole.size() == in_pieces.size() && whole.size() <= text.size());
  const std::string_view head = text.substr(0, whole.size());
  CheckRequest(head);
  CheckResponse(head, choice % 2 == 0 ? Method::kGet : Method::kHead);
  CheckChunks(text.substr(whole.size()), piece);
  return 0;
}

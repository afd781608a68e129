#include "http/raw_connection.h"

#include <utility>

#include "base/status.h"
#include "base/text.h"
#include "http/chunk_decoder.h"
#include "http/head_parser.h"
#include "http/monotonic.h"

namespace batuta::http {
namespace {

base::Duration Deadline() { return base::Micros(MonotonicNow().micros + 20'000'000); }

}  // namespace

RawConnection::RawConnection(uint16_t port) {
  absl::StatusOr<Socket> socket =
      Socket::Connect("127.0.0.1", base::StrCat(port), base::Seconds(20));
  BATUTA_CHECK_OK(socket.status());
  socket_ = *std::move(socket);
}

void RawConnection::Say(std::string_view bytes) { socket_.Write(bytes, Deadline()).IgnoreError(); }

bool RawConnection::Fill() {
  std::string piece(64 << 10, '\0');
  const absl::StatusOr<size_t> got = socket_.Read(piece.data(), piece.size(), Deadline());
  if (!got.ok() || *got == 0) return false;
  in_.append(piece, 0, *got);
  return true;
}

Response RawConnection::Answer(Method asked) {
  Response none;
  none.status = kNoAnswer;
  HeadScanner scanner;
  while (scanner.Scan(in_) != HeadScanner::State::kComplete) {
    if (!Fill()) return none;
  }
  ParsedResponse parsed;
  const std::string_view head = std::string_view(in_).substr(0, scanner.size());
  if (HeadParser::ParseResponse(head, asked, &parsed).status != Status::kOk) return none;
  in_.erase(0, scanner.size());
  Response& response = parsed.response;
  if (response.status < Status::kOk) return std::move(response);
  if (parsed.framing == Framing::kUntilClose) {
    while (Fill()) {
    }
    response.body = std::exchange(in_, "");
  } else if (parsed.framing == Framing::kLength) {
    while (in_.size() < parsed.content_length) {
      if (!Fill()) return none;
    }
    response.body = in_.substr(0, parsed.content_length);
    in_.erase(0, parsed.content_length);
  } else if (parsed.framing == Framing::kChunked) {
    ChunkDecoder chunks;
    for (;;) {
      size_t used = 0;
      const ChunkDecoder::State state = chunks.Decode(in_, &response.body, &used);
      in_.erase(0, used);
      if (state == ChunkDecoder::State::kDone) break;
      if (state == ChunkDecoder::State::kBad || !Fill()) return none;
    }
  }
  return std::move(response);
}

Response RawConnection::Ask(std::string_view bytes, Method asked) {
  Say(bytes);
  return Answer(asked);
}

bool RawConnection::Closes() {
  char byte = 0;
  const absl::StatusOr<size_t> got = socket_.Read(&byte, 1, Deadline());
  return in_.empty() && (absl::IsUnavailable(got.status()) || (got.ok() && *got == 0));
}

std::string RawConnection::ReadSome() {
  if (in_.empty() && !Fill()) return "";
  return std::exchange(in_, "");
}

size_t RawConnection::ReadInto(char* data, size_t size) {
  return socket_.Read(data, size, Deadline()).value_or(0);
}

void RawConnection::HalfClose() { socket_.EndSending(); }

std::string PostOf(std::string_view target, std::string_view body, std::string_view fields) {
  return base::StrCat("POST ", target, " HTTP/1.1\r\nHost: a\r\n", fields,
                      "Content-Length: ", body.size(), "\r\n\r\n", body);
}

std::string GetOf(std::string_view target, std::string_view fields) {
  return base::StrCat("GET ", target, " HTTP/1.1\r\nHost: a\r\n", fields, "\r\n");
}

}  // namespace batuta::http

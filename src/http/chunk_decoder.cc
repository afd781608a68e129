#include "http/chunk_decoder.h"

#include <algorithm>

#include "base/status.h"

namespace batuta::http {
namespace {

constexpr int kSizeDigitsMax = 8;  // chunks of up to 4 GiB
constexpr size_t kTrailerBytesMax = 8192;

}  // namespace

ChunkDecoder::State ChunkDecoder::Decode(std::string_view text, std::string* body,
                                         size_t* consumed) {
  BATUTA_CHECK(!done_);
  size_t at = 0;
  while (at < text.size() && !done_) {
    if (part_ == Part::kData) {
      const size_t piece = std::min<uint64_t>(left_, text.size() - at);
      body->append(text.substr(at, piece));
      at += piece;
      left_ -= piece;
      if (left_ == 0) part_ = Part::kDataReturn;
    } else if (!Step(text[at++])) {
      return State::kBad;
    }
  }
  *consumed = at;
  return done_ ? State::kDone : State::kMore;
}

bool ChunkDecoder::Step(char c) {
  switch (part_) {
    case Part::kSizeStart:
    case Part::kSize:
      return SizeDigit(c);
    case Part::kSizeEnd:
      part_ = left_ > 0 ? Part::kData : Part::kTrailer;
      line_empty_ = true;
      return c == '\n';
    case Part::kDataReturn:
      part_ = Part::kDataEnd;
      return c == '\r';
    case Part::kDataEnd:
      part_ = Part::kSizeStart;
      digits_ = 0;
      return c == '\n';
    case Part::kTrailer:
    case Part::kTrailerEnd:
      return Trailer(c);
    case Part::kData:
      break;
  }
  return false;
}

bool ChunkDecoder::SizeDigit(char c) {
  if (c == '\r' && part_ == Part::kSize) {
    part_ = Part::kSizeEnd;
    return true;
  }
  uint64_t digit = 0;
  if (c >= '0' && c <= '9') {
    digit = static_cast<uint64_t>(c - '0');
  } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
    digit = static_cast<uint64_t>((c | 0x20) - 'a' + 10);
  } else {
    return false;
  }
  if (++digits_ > kSizeDigitsMax) return false;
  left_ = left_ * 16 + digit;
  part_ = Part::kSize;
  return true;
}

bool ChunkDecoder::Trailer(char c) {
  if (++trailer_bytes_ > kTrailerBytesMax) return false;
  if (part_ == Part::kTrailerEnd) {
    if (c != '\n') return false;
    done_ = line_empty_;
    line_empty_ = true;
    part_ = Part::kTrailer;
    return true;
  }
  if (c == '\r') {
    part_ = Part::kTrailerEnd;
    return true;
  }
  line_empty_ = false;
  return c == '\t' || static_cast<unsigned char>(c) >= 0x20;
}

}  // namespace batuta::http

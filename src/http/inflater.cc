#include "http/inflater.h"

#include <algorithm>
#include <limits>

// zlib's input pointer is not const without this.
#define ZLIB_CONST
#include <zlib.h>

#include "base/status.h"
#include "http/message.h"

namespace batuta::http {
namespace {

constexpr int kGzipBits = 15 + 16;
constexpr int kZlibBits = 15;
constexpr int kRawBits = -15;
constexpr size_t kFirstPiece = 16 << 10;

// RFC 1950: method 8, and a header that is a multiple of 31.
bool HasZlibWrapper(std::string_view body) {
  if (body.size() < 2) return false;
  const auto first = static_cast<unsigned char>(body[0]);
  const auto second = static_cast<unsigned char>(body[1]);
  return (first & 15) == 8 && (first * 256 + second) % 31 == 0;
}

}  // namespace

struct Inflater::Stream {
  z_stream z{};
};

Inflater::Inflater() : stream_(std::make_unique<Stream>()) {
  BATUTA_CHECK(inflateInit2(&stream_->z, kGzipBits) == Z_OK);
}

Inflater::~Inflater() { inflateEnd(&stream_->z); }

bool LooksLikeGzip(std::string_view body) { return body.starts_with("\x1f\x8b\x08"); }

Inflater::Result Inflater::Decode(Coding coding, std::string_view body, size_t limit,
                                  std::string* decoded) {
  decoded->clear();
  if (body.size() > std::numeric_limits<uInt>::max()) return Result::kTooLarge;
  const int bits = coding == Coding::kGzip ? kGzipBits
                   : HasZlibWrapper(body)  ? kZlibBits
                                           : kRawBits;
  z_stream& z = stream_->z;
  BATUTA_CHECK(inflateReset2(&z, bits) == Z_OK);
  z.next_in = reinterpret_cast<const Bytef*>(body.data());
  z.avail_in = static_cast<uInt>(body.size());
  Result result = DecodeMember(limit, decoded);
  while (result == Result::kDone && z.avail_in > 0) {
    if (coding != Coding::kGzip) return Result::kBroken;
    BATUTA_CHECK(inflateReset(&z) == Z_OK);
    result = DecodeMember(limit, decoded);
  }
  return result;
}

Inflater::Result Inflater::DecodeMember(size_t limit, std::string* decoded) {
  z_stream& z = stream_->z;
  size_t size = decoded->size();
  for (;;) {
    if (size > limit) return Result::kTooLarge;
    // One byte beyond the limit tells "too large" from "just fits".
    const size_t next = size + std::min(limit - size, std::max(size, kFirstPiece)) + 1;
    decoded->reserve(next + kBodyPadding);
    decoded->resize(next);
    z.next_out = reinterpret_cast<Bytef*>(decoded->data() + size);
    z.avail_out = static_cast<uInt>(next - size);
    const int state = inflate(&z, Z_NO_FLUSH);
    size = next - z.avail_out;
    decoded->resize(size);
    if (state == Z_STREAM_END) return size > limit ? Result::kTooLarge : Result::kDone;
    if (state != Z_OK && state != Z_BUF_ERROR) return Result::kBroken;
    if (z.avail_in == 0 && z.avail_out > 0) return Result::kBroken;
  }
}

}  // namespace batuta::http

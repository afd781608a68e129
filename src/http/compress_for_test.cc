#include "http/compress_for_test.h"

#define ZLIB_CONST
#include <zlib.h>

#include "base/status.h"

namespace batuta::http {
namespace {

std::string Deflate(std::string_view text, int bits) {
  z_stream z{};
  BATUTA_CHECK(deflateInit2(&z, 9, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&z, text.size()), '\0');
  z.next_in = reinterpret_cast<const Bytef*>(text.data());
  z.avail_in = static_cast<uInt>(text.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  BATUTA_CHECK(deflate(&z, Z_FINISH) == Z_STREAM_END);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

}  // namespace

std::string GzipOf(std::string_view text) { return Deflate(text, 15 + 16); }
std::string ZlibOf(std::string_view text) { return Deflate(text, 15); }
std::string RawDeflateOf(std::string_view text) { return Deflate(text, -15); }

}  // namespace batuta::http

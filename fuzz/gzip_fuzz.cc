// Fuzzes the undoing of gzip and deflate: never more than the limit, the same from an inflater that
// was used before as from a new one, and all that is packed comes out again.
#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "fuzz/input.h"
#include "http/inflater.h"
#include "http/message.h"

namespace batuta::http {
namespace {

constexpr size_t kLimit = size_t{64} << 10;
constexpr int kGzipWindow = 15 + 16;
constexpr int kZlibWindow = 15;

std::string Pack(std::string_view text, int window_bits) {
  z_stream stream = {};
  BATUTA_CHECK(deflateInit2(&stream, 1, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string packed(deflateBound(&stream, text.size()), '\0');
  std::string source(text);
  stream.next_in = reinterpret_cast<Bytef*>(source.data());
  stream.avail_in = static_cast<uInt>(source.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  BATUTA_CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

void CheckDecode(Inflater& used, Coding coding, std::string_view body) {
  std::string decoded;
  const Inflater::Result result = used.Decode(coding, body, kLimit, &decoded);
  std::string again;
  Inflater fresh;
  BATUTA_CHECK(fresh.Decode(coding, body, kLimit, &again) == result,
               "it depends on what was before");
  if (result != Inflater::Result::kDone) return;
  BATUTA_CHECK(decoded == again && decoded.size() <= kLimit);
  BATUTA_CHECK(decoded.capacity() >= decoded.size() + kBodyPadding);
}

void CheckPacked(Inflater& used, Coding coding, std::string_view text) {
  std::string decoded;
  const std::string packed = Pack(text, coding == Coding::kGzip ? kGzipWindow : kZlibWindow);
  const Inflater::Result result = used.Decode(coding, packed, kLimit, &decoded);
  if (text.size() > kLimit) {
    BATUTA_CHECK(result == Inflater::Result::kTooLarge);
  } else {
    BATUTA_CHECK(result == Inflater::Result::kDone && decoded == text, "a packed text is lost");
  }
}

}  // namespace
}  // namespace batuta::http

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace batuta::http;
  static auto& used = *new Inflater();
  batuta::fuzz::Input input(data, size);
  const Coding coding = input.U8() % 2 == 0 ? Coding::kGzip : Coding::kDeflate;
  CheckDecode(used, coding, input.rest());
  CheckPacked(used, coding, input.rest());
  return 0;
}

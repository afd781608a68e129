// Undoes the chunked transfer coding (RFC 9112, section 7.1) as its bytes arrive, strictly: chunk
// extensions are refused, trailers are read and forgotten.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace batuta::http {

class ChunkDecoder {
 public:
  enum class State { kMore, kDone, kBad };

  // Appends the data in `text` to *body and sets *consumed to how much of `text` was used: all of
  // it, unless the body ends before. After kDone or kBad it must not be called again.
  State Decode(std::string_view text, std::string* body, size_t* consumed);

  // Of the chunk being read, how much is still to come: tells of a body too large before it is
  // here.
  uint64_t announced() const { return left_; }

 private:
  enum class Part {
    kSizeStart,
    kSize,
    kSizeEnd,
    kData,
    kDataReturn,
    kDataEnd,
    kTrailer,
    kTrailerEnd
  };

  bool Step(char c);
  bool SizeDigit(char c);
  bool Trailer(char c);

  Part part_ = Part::kSizeStart;
  uint64_t left_ = 0;
  int digits_ = 0;
  size_t trailer_bytes_ = 0;
  bool line_empty_ = true;
  bool done_ = false;
};

}  // namespace batuta::http

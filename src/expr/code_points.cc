#include "expr/code_points.h"

#include <algorithm>

namespace batuta::expr {

size_t CodePointCount(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), IsCodePointStart));
}

size_t ByteOfCodePoint(std::string_view text, size_t number) {
  size_t at = 0;
  while (number > 0 && at < text.size()) {
    at += CodePointSize(text, at);
    --number;
  }
  return at;
}

size_t CodePointSize(std::string_view text, size_t at) {
  size_t size = 1;
  while (at + size < text.size() && !IsCodePointStart(text[at + size])) ++size;
  return size;
}

uint32_t DecodeCodePoint(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) {
    return static_cast<uint32_t>(static_cast<unsigned char>(text[i]));
  };
  const size_t size = CodePointSize(text, at);
  if (size == 1) return byte(at);
  uint32_t code = byte(at) & (0xFFu >> (size + 1));
  for (size_t i = 1; i < size; ++i) code = (code << 6) | (byte(at + i) & 0x3Fu);
  return code;
}

bool IsUnicodeSpace(uint32_t code) {
  return (code >= 0x09 && code <= 0x0D) || code == 0x20 || code == 0x85 || code == 0xA0 ||
         code == 0x1680 || (code >= 0x2000 && code <= 0x200A) || code == 0x2028 || code == 0x2029 ||
         code == 0x202F || code == 0x205F || code == 0x3000;
}

}  // namespace batuta::expr

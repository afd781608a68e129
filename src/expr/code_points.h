// Texts as sequences of code points. All texts here are valid UTF-8; places count code points.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace batuta::expr {

inline bool IsCodePointStart(char c) { return (static_cast<unsigned char>(c) & 0xC0u) != 0x80u; }

size_t CodePointCount(std::string_view text);

// The byte at which the code point of this number begins; the size of the text for the one after
// the last. Requires: number <= CodePointCount(text).
size_t ByteOfCodePoint(std::string_view text, size_t number);

// The size in bytes of the code point at this byte.
size_t CodePointSize(std::string_view text, size_t at);

uint32_t DecodeCodePoint(std::string_view text, size_t at);

// Unicode's White_Space.
bool IsUnicodeSpace(uint32_t code_point);

}  // namespace batuta::expr

// What several packed parts of a trace are written by. Internal to this folder.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/encoding.h"

namespace batuta::decision {

// How many bytes both begin with.
size_t SharedPrefix(std::string_view a, std::string_view b);

// By their bits: what is written is read as it was.
inline bool AreSame(double a, double b) {
  return std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b);
}

// A text by what it shares with another from the beginning on.
void WriteBeside(std::string_view text, std::string_view other, base::ByteWriter& out);
// No valid UTF-8 if it claims to share more than there is.
std::string ReadBeside(std::string_view other, base::ByteReader& in);

}  // namespace batuta::decision

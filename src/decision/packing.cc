#include "decision/packing.h"

#include <algorithm>

#include "base/text.h"

namespace batuta::decision {

size_t SharedPrefix(std::string_view a, std::string_view b) {
  const size_t most = std::min(a.size(), b.size());
  return static_cast<size_t>(std::mismatch(a.begin(), a.begin() + most, b.begin()).first -
                             a.begin());
}

void WriteBeside(std::string_view text, std::string_view other, base::ByteWriter& out) {
  const size_t shared = SharedPrefix(text, other);
  out.Varint(shared);
  out.Bytes(text.substr(shared));
}

std::string ReadBeside(std::string_view other, base::ByteReader& in) {
  const uint64_t shared = in.Varint();
  const std::string_view more = in.Bytes();
  if (shared > other.size()) return "\xff";
  return base::StrCat(other.substr(0, shared), more);
}

}  // namespace batuta::decision

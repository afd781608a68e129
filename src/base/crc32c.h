// CRC-32C (Castagnoli polynomial, RFC 3720 appendix B.4): finds damaged bytes on disks and wires.
//
// Uses the processor's instruction where there is one; the result is the same without it.
#pragma once

#include <cstdint>
#include <string_view>

namespace batuta::base {

// The checksum of `data` appended to the bytes whose checksum is `init` (0: of no bytes).
uint32_t Crc32c(std::string_view data, uint32_t init = 0);

namespace internal {
// The table-driven form that stands in where the processor has no instruction; here for its test.
uint32_t Crc32cPortable(std::string_view data, uint32_t init);
}  // namespace internal

}  // namespace batuta::base

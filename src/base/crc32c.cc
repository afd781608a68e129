#include "base/crc32c.h"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace batuta::base {
namespace {

constexpr uint32_t kReflectedPolynomial = 0x82F63B78;

// kTables[k][b]: the checksum's change by byte b followed by k zero bytes.
using Tables = std::array<std::array<uint32_t, 256>, 8>;
constexpr Tables MakeTables() {
  Tables tables{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit)
      crc = (crc >> 1) ^ ((crc & 1) != 0 ? kReflectedPolynomial : 0);
    tables[0][byte] = crc;
  }
  for (size_t zeros = 1; zeros < 8; ++zeros) {
    for (size_t byte = 0; byte < 256; ++byte) {
      const uint32_t crc = tables[zeros - 1][byte];
      tables[zeros][byte] = (crc >> 8) ^ tables[0][crc & 0xFF];
    }
  }
  return tables;
}
constexpr Tables kTables = MakeTables();

uint64_t LittleEndian64(const char* bytes) {
  uint64_t word = 0;
  for (int i = 7; i >= 0; --i) word = word << 8 | static_cast<uint8_t>(bytes[i]);
  return word;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) uint32_t Crc32cSse42(std::string_view data, uint32_t init) {
  uint64_t crc = init ^ 0xFFFFFFFF;
  const char* next = data.data();
  size_t left = data.size();
  for (; left >= 8; left -= 8, next += 8) {
    uint64_t word;
    std::memcpy(&word, next, 8);
    crc = _mm_crc32_u64(crc, word);
  }
  auto crc32 = static_cast<uint32_t>(crc);
  for (; left > 0; --left, ++next) crc32 = _mm_crc32_u8(crc32, static_cast<uint8_t>(*next));
  return crc32 ^ 0xFFFFFFFF;
}
#endif

}  // namespace

namespace internal {

uint32_t Crc32cPortable(std::string_view data, uint32_t init) {
  uint32_t crc = init ^ 0xFFFFFFFF;
  const char* next = data.data();
  size_t left = data.size();
  for (; left >= 8; left -= 8, next += 8) {
    const uint64_t word = LittleEndian64(next) ^ crc;
    crc = 0;
    for (size_t i = 0; i < 8; ++i) crc ^= kTables[7 - i][(word >> (8 * i)) & 0xFF];
  }
  for (; left > 0; --left, ++next) {
    crc = (crc >> 8) ^ kTables[0][(crc ^ static_cast<uint8_t>(*next)) & 0xFF];
  }
  return crc ^ 0xFFFFFFFF;
}

}  // namespace internal

uint32_t Crc32c(std::string_view data, uint32_t init) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2") != 0) return Crc32cSse42(data, init);
#endif
  return internal::Crc32cPortable(data, init);
}

}  // namespace batuta::base

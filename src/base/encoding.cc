#include "base/encoding.h"

#include <bit>
#include <cstring>
#include <utility>

namespace batuta::base {
namespace {

static_assert(std::endian::native == std::endian::little,
              "integers are turned around on their way");

constexpr uint64_t kOneNan = 0x7FF8'0000'0000'0000;

uint64_t CanonicalBits(double value) {
  if (value != value) return kOneNan;
  return value == 0 ? 0 : std::bit_cast<uint64_t>(value);
}

}  // namespace

void ByteWriter::BigEndian(uint64_t value, int byte_count) {
  const uint64_t swapped = __builtin_bswap64(value << 8 * (8 - byte_count));
  char raw[sizeof swapped];
  std::memcpy(raw, &swapped, sizeof raw);
  bytes_.append(raw, static_cast<size_t>(byte_count));
}

void ByteWriter::U8(uint8_t value) { BigEndian(value, 1); }
void ByteWriter::U16(uint16_t value) { BigEndian(value, 2); }
void ByteWriter::U32(uint32_t value) { BigEndian(value, 4); }
void ByteWriter::U64(uint64_t value) { BigEndian(value, 8); }

void ByteWriter::Varint(uint64_t value) {
  while (value >= 0x80) {
    bytes_.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  bytes_.push_back(static_cast<char>(value));
}

void ByteWriter::Signed(int64_t value) {
  const uint64_t doubled = static_cast<uint64_t>(value) << 1;
  Varint(value < 0 ? ~doubled : doubled);
}

void ByteWriter::Double(double value) { U64(CanonicalBits(value)); }

void ByteWriter::Bytes(std::string_view value) {
  Varint(value.size());
  Raw(value);
}

void ByteWriter::Raw(std::string_view value) { bytes_.append(value); }

std::string ByteWriter::Take() { return std::exchange(bytes_, std::string()); }

uint64_t ByteReader::Fail() {
  ok_ = false;
  rest_ = {};
  return 0;
}

uint64_t ByteReader::BigEndian(int byte_count) {
  const auto size = static_cast<size_t>(byte_count);
  if (rest_.size() < size) return Fail();
  uint64_t swapped = 0;
  std::memcpy(&swapped, rest_.data(), size);
  rest_.remove_prefix(size);
  return __builtin_bswap64(swapped) >> 8 * (8 - byte_count);
}

uint8_t ByteReader::U8() { return static_cast<uint8_t>(BigEndian(1)); }
uint16_t ByteReader::U16() { return static_cast<uint16_t>(BigEndian(2)); }
uint32_t ByteReader::U32() { return static_cast<uint32_t>(BigEndian(4)); }
uint64_t ByteReader::U64() { return BigEndian(8); }

uint64_t ByteReader::Varint() {
  uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    const uint8_t byte = U8();
    if (!ok_) return 0;
    // The tenth byte holds the one bit that is left.
    if (shift == 63 && byte > 1) return Fail();
    value |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return byte == 0 && shift > 0 ? Fail() : value;  // no padding with zeros
  }
  return Fail();
}

int64_t ByteReader::Signed() {
  const uint64_t zigzag = Varint();
  const uint64_t half = zigzag >> 1;
  return static_cast<int64_t>((zigzag & 1) != 0 ? ~half : half);
}

double ByteReader::Double() {
  const uint64_t bits = U64();
  const auto value = std::bit_cast<double>(bits);
  if (CanonicalBits(value) != bits) return static_cast<double>(Fail());
  return value;
}

std::string_view ByteReader::Raw(size_t size) {
  if (rest_.size() < size) {
    Fail();
    return {};
  }
  const std::string_view bytes = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return bytes;
}

std::string_view ByteReader::Bytes() { return Raw(Varint()); }

}  // namespace batuta::base

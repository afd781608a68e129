// The byte form of keys, records and rows that the hub keeps for itself.
//
// Fixed-width numbers are big-endian, so that keys sort as their numbers do. Nothing marks the type
// of a field: writer and reader must agree. Each value has exactly one form, and readers refuse
// others, so equal content is equal bytes. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace batuta::base {

class ByteWriter {
 public:
  void U8(uint8_t value);
  void U16(uint16_t value);
  void U32(uint32_t value);
  void U64(uint64_t value);
  void Varint(uint64_t value);         // 1 to 10 bytes, small numbers short
  void Signed(int64_t value);          // zigzag, then Varint
  void Double(double value);           // its 64 bits; -0 becomes 0 and every NaN the same one
  void Bytes(std::string_view value);  // Varint of the length, then the bytes
  void Raw(std::string_view value);    // the bytes alone

  const std::string& bytes() const { return bytes_; }
  // Hands out what was written and starts again, empty.
  std::string Take();

 private:
  void BigEndian(uint64_t value, int byte_count);

  std::string bytes_;
};

// Reads what ByteWriter wrote. After reading past the end, or a form that no writer makes, ok() is
// false for good and every read gives zero or nothing: callers may read a whole record and ask
// once.
class ByteReader {
 public:
  // The bytes are not copied: they must outlive the reader and every view it returns.
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  uint8_t U8();
  uint16_t U16();
  uint32_t U32();
  uint64_t U64();
  uint64_t Varint();
  int64_t Signed();
  double Double();
  std::string_view Bytes();
  std::string_view Raw(size_t size);

  bool ok() const { return ok_; }
  bool AtEnd() const { return rest_.empty(); }  // also true once ok() is false
  std::string_view rest() const { return rest_; }

 private:
  uint64_t BigEndian(int byte_count);
  uint64_t Fail();

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace batuta::base

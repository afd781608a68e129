// The fields of an encoded protobuf message one after the other, found in its bytes without making
// a message of them: for reading little of much.
//
//     base::MessageFields fields(bytes);
//     while (fields.Next()) if (fields.number() == kNameFieldNumber) name = fields.bytes();
//     if (!fields.ok()) …
//
// Borrows the bytes. Not thread-safe.
#pragma once

#include <google/protobuf/io/coded_stream.h>

#include <cstdint>
#include <string_view>

namespace batuta::base {

class MessageFields {
 public:
  explicit MessageFields(std::string_view message)
      : message_(message),
        in_(reinterpret_cast<const uint8_t*>(message.data()), static_cast<int>(message.size())) {}

  // False at the end, and where the bytes are no message.
  bool Next();

  // Of the field that Next found: its number, where it begins, and its value.
  int number() const { return number_; }
  size_t begin() const { return begin_; }
  std::string_view bytes() const { return bytes_; }  // of a text, bytes or message; else empty
  uint64_t value() const { return value_; }          // of a varint or a fixed64; else 0

  // Whether all up to here was well formed.
  bool ok() const { return ok_; }

 private:
  bool ReadValue(uint32_t wire_type);

  std::string_view message_;
  google::protobuf::io::CodedInputStream in_;
  bool ok_ = true;
  int number_ = 0;
  size_t begin_ = 0;
  std::string_view bytes_ = {};
  uint64_t value_ = 0;
};

}  // namespace batuta::base

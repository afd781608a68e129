// Writes a `Fields` message in protobuf's wire format without building it first: for the many
// objects that are only stored.
//
// What it writes parses as base.Fields; nothing is checked (names unique, text in UTF-8: the
// caller). Calls nest as the object does: Field(name) is followed by exactly one value; between
// BeginList and EndList each value stands between BeginItem and EndItem. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/value.pb.h"

namespace batuta::base {

class FieldsWriter {
 public:
  // Where an open message began; given back to the call that closes it.
  enum class Mark : size_t {};

  // A field of the innermost object: its name, and room for its value.
  struct OpenField {
    Mark field, value;
  };
  OpenField BeginField(std::string_view name);
  void EndField(const OpenField& open);

  void Text(std::string_view text);
  void Number(double number);
  void Boolean(bool boolean);
  void Null();
  void Put(const Sealed& sealed);
  Mark BeginObject();
  void EndObject(Mark mark) { Close(mark); }
  Mark BeginList();
  void EndList(Mark mark) { Close(mark); }
  Mark BeginItem();
  void EndItem(Mark mark) { Close(mark); }

  const std::string& bytes() const { return bytes_; }
  std::string Take();
  void Clear() { bytes_.clear(); }

 private:
  void Varint(uint64_t number);
  void Bytes(char tag, std::string_view bytes);
  Mark Open(char tag);
  // Writes the length of what came since; it is one byte long unless the content is longer than
  // 127.
  void Close(Mark mark);

  std::string bytes_;
};

}  // namespace batuta::base

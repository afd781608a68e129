#include "base/message_fields.h"

namespace batuta::base {

bool MessageFields::Next() {
  begin_ = static_cast<size_t>(in_.CurrentPosition());
  if (!ok_ || begin_ == message_.size()) return false;
  const uint32_t tag = in_.ReadTag();
  number_ = static_cast<int>(tag >> 3);
  bytes_ = {};
  value_ = 0;
  ok_ = number_ != 0 && ReadValue(tag & 7);
  return ok_;
}

bool MessageFields::ReadValue(uint32_t wire_type) {
  switch (wire_type) {
    case 0:
      return in_.ReadVarint64(&value_);
    case 1:
      return in_.ReadLittleEndian64(&value_);
    case 2: {
      uint64_t size = 0;
      if (!in_.ReadVarint64(&size)) return false;
      const auto at = static_cast<size_t>(in_.CurrentPosition());
      if (size > message_.size() - at) return false;
      bytes_ = message_.substr(at, size);
      return in_.Skip(static_cast<int>(size));
    }
    case 5:
      return in_.Skip(4);
    default:  // groups are out of use
      return false;
  }
}

}  // namespace batuta::base

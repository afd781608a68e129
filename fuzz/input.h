// Takes an input apart for targets that read more from it than one text.
//
// Total: beyond the end there are zeros and empty texts. Borrows the bytes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace batuta::fuzz {

class Input {
 public:
  Input(const uint8_t* data, size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}

  bool AtEnd() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }

  uint8_t U8() {
    const std::string_view byte = Take(1);
    return byte.empty() ? uint8_t{0} : static_cast<uint8_t>(byte.front());
  }
  uint16_t U16() {
    const unsigned high = U8();
    return static_cast<uint16_t>(high << 8 | U8());
  }
  std::string_view Take(size_t size) {
    const std::string_view taken = rest_.substr(0, std::min(size, rest_.size()));
    rest_.remove_prefix(taken.size());
    return taken;
  }
  // All before the mark, which is passed over; everything if it is not there.
  std::string_view TakeUntil(std::string_view mark) {
    const size_t at = rest_.find(mark);
    const std::string_view taken = Take(std::min(at, rest_.size()));
    Take(mark.size());
    return taken;
  }

 private:
  std::string_view rest_;
};

}  // namespace batuta::fuzz

// The name of a field as names are compared: lower case, without `_`, `-` and spaces, so that
// "birthDate", "birth_date" and "Birth-Date" are one.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "absl/strings/ascii.h"

namespace batuta::resource {

class FoldedName {
 public:
  explicit FoldedName(std::string_view name) {
    for (const char c : name) {
      if (c == '_' || c == '-' || c == ' ') continue;
      if (size_ == kLongest) {
        size_ = 0;
        return;
      }
      folded_[size_++] = absl::ascii_tolower(static_cast<unsigned char>(c));
    }
  }

  // "" of names that are longer than all that are looked for.
  std::string_view text() const { return {folded_.data(), size_}; }

 private:
  static constexpr size_t kLongest = 24;
  std::array<char, kLongest> folded_;
  size_t size_ = 0;
};

}  // namespace batuta::resource

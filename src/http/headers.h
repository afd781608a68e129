// The header fields of a request or a response, in the order they were written.
//
// All bytes live in one string, so that a parsed request costs two allocations however many fields
// it has. Names are looked up without regard to case. Does not know which fields may repeat and
// does not join repeated ones. Not thread-safe. Views it hands out live until the next change or
// move.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace batuta::http {

class Headers {
 public:
  Headers() = default;

  // Requires: name is a token of RFC 9110. Control characters in the value, which could start a
  // header of the sender's choosing, become spaces.
  void Add(std::string_view name, std::string_view value);

  // Replaces every field of that name.
  void Set(std::string_view name, std::string_view value);

  // The value of the first field of that name; empty if there is none.
  std::string_view Get(std::string_view name) const;
  bool Has(std::string_view name) const;

  size_t size() const { return fields_.size(); }
  std::string_view name(size_t index) const;
  std::string_view value(size_t index) const;

 private:
  friend class HeadParser;

  struct Field {
    uint32_t name_at;
    uint32_t name_size;
    uint32_t value_at;
    uint32_t value_size;
  };

  // Takes over a block of text of which fields will be marked by Mark.
  void Adopt(std::string_view block);
  void Mark(std::string_view name, std::string_view value, const char* block_start);
  const Field* Find(std::string_view name) const;

  std::string block_;
  std::vector<Field> fields_;
};

// Whether two header names, or tokens, are the same but for ASCII case.
bool SameToken(std::string_view a, std::string_view b);

// Whether text is a token of RFC 9110, section 5.6.2: what a method or a header name may be.
bool IsToken(std::string_view text);

// Whether a comma-separated list, such as the value of Connection, holds the token.
bool ListHolds(std::string_view list, std::string_view token);

}  // namespace batuta::http

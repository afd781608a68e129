// One segment of a route's pattern: text, a parameter, or a mix such as "{type}:{value}". Internal
// to this folder.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "http/route_table.h"

namespace batuta::http {

class SegmentPattern {
 public:
  // InvalidArgument for unbalanced braces, names that are not [a-z][A-Za-z0-9_]*, or two parameters
  // without text between them.
  static absl::StatusOr<SegmentPattern> Parse(std::string_view text);

  bool IsText() const { return parts_.size() == 1 && !parts_[0].is_parameter; }
  bool IsRest() const { return rest_; }
  // Characters of literal text: of two patterns that fit, the one with more is meant.
  size_t literal_size() const { return literal_size_; }
  const std::string& text() const { return text_; }

  // Whether an encoded segment fits; if so, its parameters are decoded and appended. A parameter
  // reaches to the first place where the text behind it occurs, or to the last if that text ends
  // the segment.
  bool Match(std::string_view segment, PathParameters* parameters) const;

 private:
  struct Part {
    bool is_parameter;
    std::string text;  // the literal, or the parameter's name
  };

  absl::Status AddParameter(std::string_view name);
  bool MatchParameter(size_t part, std::string_view segment, size_t* at,
                      PathParameters* parameters) const;

  std::vector<Part> parts_;
  std::string text_;
  size_t literal_size_ = 0;
  bool rest_ = false;
};

}  // namespace batuta::http

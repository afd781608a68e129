// Regular expressions, in RE2's syntax: their time is linear in the text, whatever the pattern.
//
// The only owner of RE2 here. Immutable and thread-safe once compiled.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "absl/status/statusor.h"

namespace re2 {
class RE2;
}

namespace batuta::expr {

class Pattern {
 public:
  explicit Pattern(std::shared_ptr<const re2::RE2> compiled) : compiled_(std::move(compiled)) {}

  // If some part of the text matches.
  bool Matches(std::string_view text) const;
  // About how long it took to compile, and how much memory it has: its instructions.
  size_t size() const;

 private:
  std::shared_ptr<const re2::RE2> compiled_;
};

// InvalidArgument with what is wrong with the pattern. One that needs more than 1 MiB is refused.
absl::StatusOr<Pattern> CompilePattern(std::string_view pattern);

}  // namespace batuta::expr

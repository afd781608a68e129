// Numbers as they are written in YAML (core schema) and JSON, read without losing a digit unseen.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace batuta::resource {

struct ExactNumber {
  bool ok = false;
  double value = 0;
  std::string message = {};  // why not, and what would be right
};

// Whether the text is a number of RFC 8259.
bool IsJsonNumber(std::string_view text);

// Whether a plain YAML scalar is a number of the core schema: decimal, 0x…, 0o…, .inf or .nan.
bool IsYamlNumber(std::string_view text);

// Refuses what a double cannot hold: too large, not finite, or integers whose digits would change.
// Requires: IsJsonNumber or IsYamlNumber.
ExactNumber ReadExactNumber(std::string_view text);

}  // namespace batuta::resource

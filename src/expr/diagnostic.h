// What is wrong with an expression, where, and what was perhaps meant.
//
// Places are bytes of the source, counted from 0; lines and columns, counted from 1, are for
// people: a column is a code point. Knows no severities: every diagnostic is an error.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace batuta::expr {

// The bytes [begin, end) of the source.
struct Span {
  uint32_t begin = 0;
  uint32_t end = 0;
  friend bool operator==(const Span&, const Span&) = default;
};

struct Position {
  uint32_t line = 1;
  uint32_t column = 1;
  friend bool operator==(const Position&, const Position&) = default;
};

struct Diagnostic {
  Span span;
  std::string message;
  std::string suggestion;  // what to write instead, "" if unknown
};
using Diagnostics = std::vector<Diagnostic>;

// Where a byte stands. A place after the end counts as the end.
Position Locate(std::string_view source, uint32_t offset);

// "2:14: unknown variable `persn`; did you mean `person`?"
std::string Describe(const Diagnostic& diagnostic, std::string_view source);

// All of them, a line each.
std::string Describe(const Diagnostics& diagnostics, std::string_view source);

}  // namespace batuta::expr

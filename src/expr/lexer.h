// Takes the text of an expression apart into tokens.
//
// Literals are decoded here: the token of a string holds its content. Comments and spaces are left
// out. Stops at the first mistake.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "expr/diagnostic.h"

namespace batuta::expr {

enum class TokenKind : uint8_t {
  kEnd,
  kIdent,        // text: the identifier, reserved words included
  kQuotedIdent,  // text: what stood between the backticks
  kInt,          // text: digits, perhaps with 0x
  kUint,         // text: as kInt, without the u
  kDouble,       // text: as written
  kString,       // text: the content
  kBytes,        // text: the content
  kSymbol,       // text: one of ( ) [ ] { } . , : ? ! - + * / % < <= > >= == != && ||
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  Span span;
  std::string text;

  bool Is(std::string_view symbol) const {
    return kind == TokenKind::kSymbol && std::string_view(text) == symbol;
  }
};

// The tokens, the last of kind kEnd; or nothing and a diagnostic.
// Requires: `source` is valid UTF-8 and shorter than 2^31 bytes.
std::vector<Token> Tokenize(std::string_view source, Diagnostics& diagnostics);

namespace internal {

struct QuotedText {
  std::string_view body;  // between the quotes
  uint32_t begin = 0;     // of the body in the source
  bool is_raw = false;
  bool is_bytes = false;
};

// Decodes the escapes of a string or bytes literal. False, with a diagnostic, if one is wrong.
bool Unescape(const QuotedText& quoted, std::string& content, Diagnostics& diagnostics);

}  // namespace internal
}  // namespace batuta::expr

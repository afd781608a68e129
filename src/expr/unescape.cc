#include <optional>

#include "base/text.h"
#include "expr/lexer.h"

namespace batuta::expr::internal {
namespace {

std::optional<uint32_t> Digit(char c, uint32_t radix) {
  uint32_t value = radix;
  if (c >= '0' && c <= '9') value = static_cast<uint32_t>(c - '0');
  if (c >= 'a' && c <= 'f') value = static_cast<uint32_t>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') value = static_cast<uint32_t>(c - 'A') + 10;
  if (value >= radix) return std::nullopt;
  return value;
}

std::optional<uint32_t> Number(std::string_view text, size_t at, size_t count, uint32_t radix) {
  if (at + count > text.size()) return std::nullopt;
  uint32_t number = 0;
  for (size_t i = at; i < at + count; ++i) {
    const auto digit = Digit(text[i], radix);
    if (!digit) return std::nullopt;
    number = number * radix + *digit;
  }
  return number;
}

std::optional<char> SimpleEscape(char c) {
  switch (c) {
    case 'a':
      return '\a';
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'v':
      return '\v';
    case '\\':
    case '?':
    case '"':
    case '\'':
    case '`':
      return c;
    default:
      return std::nullopt;
  }
}

bool IsSurrogate(uint32_t code) { return code >= 0xD800 && code <= 0xDFFF; }

// Decodes one literal from front to back.
class Decoder {
 public:
  Decoder(const QuotedText& quoted, std::string& content, Diagnostics& diagnostics)
      : body_(quoted.body), quoted_(quoted), content_(content), diagnostics_(diagnostics) {}

  bool Decode() {
    while (at_ < body_.size()) {
      if (body_[at_] != '\\') {
        content_ += body_[at_++];
      } else if (!Escape()) {
        return false;
      }
    }
    return true;
  }

 private:
  bool Fail(const char* message) {
    const auto at = static_cast<uint32_t>(at_);
    diagnostics_.push_back({{quoted_.begin + at, quoted_.begin + at + 2}, message, ""});
    return false;
  }

  bool Escape() {
    if (at_ + 1 >= body_.size()) return Fail("a backslash without anything after it");
    const char c = body_[at_ + 1];
    if (const auto simple = SimpleEscape(c)) {
      content_ += *simple;
      at_ += 2;
      return true;
    }
    if (c == 'x' || c == 'X') return Octet(Number(body_, at_ + 2, 2, 16), 4);
    if (c >= '0' && c <= '3') return Octet(Number(body_, at_ + 1, 3, 8), 4);
    if (c == 'u' && !quoted_.is_bytes) return Short();
    if (c == 'U' && !quoted_.is_bytes) return Put(Number(body_, at_ + 2, 8, 16), 10);
    return Fail(quoted_.is_bytes ? "this escape is unknown in bytes" : "this escape is unknown");
  }

  bool Octet(std::optional<uint32_t> number, size_t size) {
    if (!quoted_.is_bytes) return Put(number, size);
    if (!number) return Fail("this escape lacks digits");
    content_ += static_cast<char>(*number);
    at_ += size;
    return true;
  }

  // \uXXXX, or two of them that are a pair of surrogates.
  bool Short() {
    const auto first = Number(body_, at_ + 2, 4, 16);
    if (!first || !IsSurrogate(*first)) return Put(first, 6);
    std::optional<uint32_t> second;
    if (body_.substr(std::min(at_ + 6, body_.size()), 2) == "\\u") {
      second = Number(body_, at_ + 8, 4, 16);
    }
    const bool is_pair = *first < 0xDC00 && second && *second >= 0xDC00 && *second <= 0xDFFF;
    if (!is_pair) return Fail("half of a pair of surrogates");
    return Put(0x10000 + ((*first - 0xD800) << 10) + (*second - 0xDC00), 12);
  }

  bool Put(std::optional<uint32_t> code, size_t size) {
    if (!code) return Fail("this escape lacks digits");
    if (*code > 0x10FFFF || IsSurrogate(*code)) return Fail("this is no code point of Unicode");
    base::AppendUtf8(*code, content_);
    at_ += size;
    return true;
  }

  std::string_view body_;
  const QuotedText& quoted_;
  std::string& content_;
  Diagnostics& diagnostics_;
  size_t at_ = 0;
};

}  // namespace

bool Unescape(const QuotedText& quoted, std::string& content, Diagnostics& diagnostics) {
  if (quoted.is_raw) {
    content = std::string(quoted.body);
    return true;
  }
  return Decoder(quoted, content, diagnostics).Decode();
}

}  // namespace batuta::expr::internal

#include "expr/lexer.h"

#include <array>

#include "base/text.h"

namespace batuta::expr {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsHexDigit(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool IsNameStart(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsNamePart(char c) { return IsNameStart(c) || IsDigit(c); }

class Lexer {
 public:
  Lexer(std::string_view source, Diagnostics& diagnostics)
      : source_(source), diagnostics_(diagnostics) {}

  std::vector<Token> Run() {
    SkipSpace();
    while (at_ < source_.size()) {
      if (!Next()) return {};
      SkipSpace();
    }
    begin_ = at_;
    Emit(TokenKind::kEnd, "");
    return std::move(tokens_);
  }

 private:
  char Peek(size_t ahead = 0) const {
    return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0';
  }

  void SkipSpace() {
    while (at_ < source_.size()) {
      const char c = source_[at_];
      if (c == '/' && Peek(1) == '/') {
        while (at_ < source_.size() && source_[at_] != '\n' && source_[at_] != '\r') ++at_;
      } else if (c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r') {
        ++at_;
      } else {
        return;
      }
    }
  }

  bool Fail(std::string message, std::string suggestion = "") {
    const size_t end = std::min(std::max(at_, begin_ + 1), source_.size());
    diagnostics_.push_back({{static_cast<uint32_t>(begin_), static_cast<uint32_t>(end)},
                            std::move(message),
                            std::move(suggestion)});
    return false;
  }

  bool Emit(TokenKind kind, std::string text) {
    tokens_.push_back(
        {kind, {static_cast<uint32_t>(begin_), static_cast<uint32_t>(at_)}, std::move(text)});
    return true;
  }

  bool Next() {
    begin_ = at_;
    const char c = Peek();
    if (c == '"' || c == '\'') return Quoted(0);
    if (IsNameStart(c)) {
      const size_t prefix = QuotePrefix();
      return prefix > 0 ? Quoted(prefix) : Name();
    }
    if (IsDigit(c) || (c == '.' && IsDigit(Peek(1)))) return Number();
    if (c == '`') return QuotedName();
    return Symbol();
  }

  // The length of r, b, br and their capitals before a quote; 0 if it is a name.
  size_t QuotePrefix() const {
    size_t length = 0;
    if (Peek(length) == 'b' || Peek(length) == 'B') ++length;
    if (Peek(length) == 'r' || Peek(length) == 'R') ++length;
    return Peek(length) == '"' || Peek(length) == '\'' ? length : 0;
  }

  bool Name() {
    while (IsNamePart(Peek())) ++at_;
    return Emit(TokenKind::kIdent, std::string(source_.substr(begin_, at_ - begin_)));
  }

  bool QuotedName() {
    ++at_;
    const size_t name = at_;
    const auto is_part = [](char c) {
      return IsNamePart(c) || c == '.' || c == '-' || c == '/' || c == ' ';
    };
    while (is_part(Peek())) ++at_;
    if (Peek() != '`')
      return Fail(
          "a name in backticks must end with one, and may hold only "
          "letters, digits and _ . - / and spaces");
    if (at_ == name) return Fail("a name in backticks must not be empty");
    std::string text(source_.substr(name, at_ - name));
    ++at_;
    return Emit(TokenKind::kQuotedIdent, std::move(text));
  }

  bool Number() {
    if (Peek() == '0' && Peek(1) == 'x') {
      at_ += 2;
      const size_t digits = at_;
      while (IsHexDigit(Peek())) ++at_;
      if (at_ == digits) return Fail("0x needs hexadecimal digits");
      return Integer();
    }
    while (IsDigit(Peek())) ++at_;
    bool is_double = false;
    if (Peek() == '.' && IsDigit(Peek(1))) {
      is_double = true;
      ++at_;
      while (IsDigit(Peek())) ++at_;
    }
    if (Peek() == 'e' || Peek() == 'E') {
      const size_t sign = Peek(1) == '+' || Peek(1) == '-' ? 1 : 0;
      if (IsDigit(Peek(1 + sign))) {
        is_double = true;
        at_ += 1 + sign;
        while (IsDigit(Peek())) ++at_;
      }
    }
    if (!is_double) return Integer();
    if (IsNameStart(Peek())) return Fail("a number runs into a name");
    return Emit(TokenKind::kDouble, std::string(source_.substr(begin_, at_ - begin_)));
  }

  bool Integer() {
    std::string digits(source_.substr(begin_, at_ - begin_));
    const bool is_unsigned = Peek() == 'u' || Peek() == 'U';
    if (is_unsigned) ++at_;
    if (IsNamePart(Peek())) return Fail("a number runs into a name");
    return Emit(is_unsigned ? TokenKind::kUint : TokenKind::kInt, std::move(digits));
  }

  bool Quoted(size_t prefix_length) {
    internal::QuotedText quoted;
    for (size_t i = 0; i < prefix_length; ++i) {
      const char c = Peek(i);
      quoted.is_bytes = quoted.is_bytes || c == 'b' || c == 'B';
      quoted.is_raw = quoted.is_raw || c == 'r' || c == 'R';
    }
    at_ += prefix_length;
    const char quote = Peek();
    const bool is_triple = Peek(1) == quote && Peek(2) == quote;
    const size_t width = is_triple ? 3 : 1;
    at_ += width;
    const size_t body = at_;
    if (!SkipBody(quote, width, quoted.is_raw)) return Fail("this text does not end");
    quoted.body = source_.substr(body, at_ - body);
    quoted.begin = static_cast<uint32_t>(body);
    at_ += width;
    std::string content;
    if (!internal::Unescape(quoted, content, diagnostics_)) return false;
    if (!quoted.is_bytes && !base::IsValidUtf8(content)) return Fail("not valid UTF-8");
    return Emit(quoted.is_bytes ? TokenKind::kBytes : TokenKind::kString, std::move(content));
  }

  // Moves to the closing quotes. False if there are none.
  bool SkipBody(char quote, size_t width, bool is_raw) {
    for (; at_ < source_.size(); ++at_) {
      const char c = source_[at_];
      if (c == quote && (width == 1 || (Peek(1) == quote && Peek(2) == quote))) return true;
      if (width == 1 && (c == '\n' || c == '\r')) return false;
      if (c == '\\' && !is_raw) ++at_;
    }
    return false;
  }

  bool Symbol() {
    static constexpr std::array<std::string_view, 6> kPairs = {"<=", ">=", "==", "!=", "&&", "||"};
    for (const std::string_view pair : kPairs) {
      if (source_.substr(at_, 2) == pair) {
        at_ += 2;
        return Emit(TokenKind::kSymbol, std::string(pair));
      }
    }
    const char c = Peek();
    ++at_;
    if (c != '\0' && std::string_view("()[]{}.,:?!-+*/%<>").find(c) != std::string_view::npos) {
      return Emit(TokenKind::kSymbol, std::string(1, c));
    }
    if (c == '=') return Fail("= does not compare", "==");
    if (c == '&') return Fail("a single & has no meaning", "&&");
    if (c == '|') return Fail("a single | has no meaning", "||");
    while ((static_cast<unsigned char>(Peek()) & 0xC0u) == 0x80u) ++at_;
    return Fail(base::StrCat("`", source_.substr(begin_, at_ - begin_), "` has no meaning here"));
  }

  std::string_view source_;
  Diagnostics& diagnostics_;
  std::vector<Token> tokens_;
  size_t begin_ = 0;
  size_t at_ = 0;
};

}  // namespace

std::vector<Token> Tokenize(std::string_view source, Diagnostics& diagnostics) {
  return Lexer(source, diagnostics).Run();
}

}  // namespace batuta::expr

#include "resource/json_source.h"

#include <charconv>
#include <cmath>
#include <string>

#include "absl/strings/ascii.h"
#include "base/text.h"
#include "base/value.h"
#include "resource/number_text.h"

namespace batuta::resource {
namespace {

class JsonSource {
 public:
  JsonSource(std::string_view text, TreeBuilder& builder) : text_(text), builder_(builder) {}

  bool Document() {
    SkipSpace();
    if (!Value()) return false;
    SkipSpace();
    return AtEnd() || Syntax("nothing may follow the value");
  }

 private:
  using Spot = TreeBuilder::Spot;

  bool AtEnd() const { return at_ >= text_.size(); }
  char Peek() const { return AtEnd() ? '\0' : text_[at_]; }
  Spot Here() const { return {line_, column_}; }
  bool Syntax(std::string_view message) { return builder_.Fail("syntax", message, Here()); }

  void Advance() {
    const char c = text_[at_++];
    if (c == '\n') {
      ++line_;
      column_ = 1;
    } else if ((c & 0xC0) != 0x80) {  // the continuation bytes of a character do not count
      ++column_;
    }
  }

  void SkipSpace() {
    while (!AtEnd() && (Peek() == ' ' || Peek() == '\t' || Peek() == '\n' || Peek() == '\r'))
      Advance();
  }

  bool Consume(char c) {
    SkipSpace();
    if (AtEnd() || Peek() != c) return false;
    Advance();
    SkipSpace();
    return true;
  }

  // Recursion is bounded: the builder refuses values deeper than kMaxDepth.
  bool Value() {
    switch (Peek()) {
      case '{':
        return Object();
      case '[':
        return List();
      case '"':
        return Text();
      default:
        return Peek() == '-' || absl::ascii_isdigit(static_cast<unsigned char>(Peek())) ? Number()
                                                                                        : Word();
    }
  }

  bool Object() {
    if (!builder_.BeginObject(Here())) return false;
    Consume('{');
    if (Consume('}')) return builder_.End();
    do {
      const Spot spot = Here();
      std::string name;
      if (Peek() != '"') return Syntax("a name in double quotes is expected here");
      if (!String(name) || !builder_.Key(name, spot)) return false;
      if (!Consume(':')) return Syntax("\":\" is expected after a name");
      if (!Value()) return false;
    } while (Consume(','));
    return Consume('}') ? builder_.End() : Syntax("\",\" or \"}\" is expected here");
  }

  bool List() {
    if (!builder_.BeginList(Here())) return false;
    Consume('[');
    if (Consume(']')) return builder_.End();
    do {
      if (!Value()) return false;
    } while (Consume(','));
    return Consume(']') ? builder_.End() : Syntax("\",\" or \"]\" is expected here");
  }

  bool Text() {
    Spot spot = Here();
    spot.text_line = spot.line;
    spot.text_column = spot.column + 1;  // behind the quote
    std::string text;
    return String(text) && builder_.Scalar(base::TextValue(text), spot);
  }

  bool String(std::string& out) {
    const Spot start = Here();
    Advance();
    while (!AtEnd() && Peek() != '"') {
      if (static_cast<unsigned char>(Peek()) < 0x20)
        return Syntax("control characters in a text are written as escapes, such as \\n");
      if (Peek() == '\\') {
        if (!Escape(out)) return false;
      } else {
        out.push_back(Peek());
        Advance();
      }
    }
    if (AtEnd())
      return builder_.Fail("syntax", "the text that starts here has no closing quote", start);
    Advance();
    return true;
  }

  bool Escape(std::string& out) {
    static constexpr std::string_view kLetters = "\"\\/bfnrt";
    static constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    const Spot start = Here();
    Advance();
    const char letter = Peek();
    if (letter == 'u') return Unicode(out, start);
    const size_t index = AtEnd() ? std::string_view::npos : kLetters.find(letter);
    if (index == std::string_view::npos)
      return builder_.Fail("syntax", "this escape is not known; a backslash is written \\\\",
                           start);
    Advance();
    out.push_back(kMeanings[index]);
    return true;
  }

  // The four digits after \u, or -1.
  int64_t Hex4() {
    Advance();
    uint32_t code = 0;
    const char* begin = text_.data() + at_;
    if (text_.size() - at_ < 4 || std::from_chars(begin, begin + 4, code, 16).ptr != begin + 4)
      return -1;
    for (int i = 0; i < 4; ++i) Advance();
    return code;
  }

  bool Unicode(std::string& out, Spot start) {
    int64_t code = Hex4();
    if (code >= 0xD800 && code < 0xDC00 && text_.substr(at_, 2) == "\\u") {
      Advance();
      const int64_t low = Hex4();
      code =
          low >= 0xDC00 && low < 0xE000 ? 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00) : -1;
    }
    if (code < 0 || (code >= 0xD800 && code < 0xE000))
      return builder_.Fail(
          "syntax", "\\u takes 4 hexadecimal digits of a character, or a pair of them", start);
    base::AppendUtf8(static_cast<uint32_t>(code), out);
    return true;
  }

  bool Number() {
    const Spot spot = Here();
    const size_t start = at_;
    while (!AtEnd() && (absl::ascii_isalnum(static_cast<unsigned char>(Peek())) || Peek() == '+' ||
                        Peek() == '-' || Peek() == '.'))
      Advance();
    const std::string_view text = text_.substr(start, at_ - start);
    if (!IsJsonNumber(text))
      return builder_.Fail("syntax",
                           base::StrCat("\"", text, "\" is not a number as JSON writes it"), spot);
    const ExactNumber number = ReadExactNumber(text);
    if (!number.ok) return builder_.Fail("out_of_range", number.message, spot);
    return builder_.Scalar(base::NumberValue(number.value), spot);
  }

  bool Word() {
    const Spot spot = Here();
    const size_t start = at_;
    while (!AtEnd() && absl::ascii_isalnum(static_cast<unsigned char>(Peek()))) Advance();
    const std::string_view word = text_.substr(start, at_ - start);
    if (word == "true" || word == "false")
      return builder_.Scalar(base::BooleanValue(word == "true"), spot);
    if (word == "null") return builder_.Scalar(base::NullValue(), spot);
    if (AtEnd() && word.empty())
      return builder_.Fail("syntax", "the text ends where a value is expected", spot);
    return builder_.Fail("syntax",
                         "a value is expected here: an object, a list, a text in double quotes, a "
                         "number, true, false or null",
                         spot);
  }

  std::string_view text_;
  TreeBuilder& builder_;
  size_t at_ = 0;
  int line_ = 1;
  int column_ = 1;
};

}  // namespace

bool ReadJson(std::string_view text, TreeBuilder& builder) {
  return JsonSource(text, builder).Document();
}

}  // namespace batuta::resource

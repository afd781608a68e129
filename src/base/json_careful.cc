// The careful parser: recursive descent by the grammar of RFC 8259. It runs only when the fast
// parser refused a text, to name the place, or to take integers longer than 64 bits.
#include <cmath>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/charconv.h"
#include "base/json.h"
#include "base/status.h"
#include "base/text.h"

namespace batuta::base {
namespace {

class CarefulParser {
 public:
  explicit CarefulParser(std::string_view text) : text_(text) {}

  absl::StatusOr<Value> Parse() {
    Value value;
    SkipSpace();
    BATUTA_RETURN_IF_ERROR(ReadValue(0, value));
    SkipSpace();
    if (at_ != text_.size()) return Error(at_, "expected the end of the text");
    return value;
  }

 private:
  static absl::Status Error(size_t place, std::string_view message) {
    return absl::InvalidArgumentError(StrCat("JSON: ", message, " at byte ", place));
  }

  // 0 at the end: no grammar rule begins with it.
  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  bool Skip(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  void SkipSpace() {
    while (Peek() == ' ' || Peek() == '\t' || Peek() == '\n' || Peek() == '\r') ++at_;
  }

  bool SkipDigits() {
    const size_t begin = at_;
    while (Peek() >= '0' && Peek() <= '9') ++at_;
    return at_ > begin;
  }

  absl::Status ReadValue(int depth, Value& value) {
    switch (Peek()) {
      case '{':
        return ReadObject(depth, *value.mutable_object());
      case '[':
        return ReadArray(depth, *value.mutable_list());
      case '"':
        return ReadString(*value.mutable_text());
      case 't':
        value.set_boolean(true);
        return ReadWord("true");
      case 'f':
        value.set_boolean(false);
        return ReadWord("false");
      case 'n':
        value.set_null(true);
        return ReadWord("null");
      default:
        return ReadNumber(value);
    }
  }

  absl::Status ReadWord(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return Error(at_, "expected a value");
    at_ += word.size();
    return absl::OkStatus();
  }

  absl::Status ReadObject(int depth, Fields& fields) {
    if (depth >= kJsonDepthMax) return Error(at_, "nested too deep");
    absl::flat_hash_set<std::string> names;
    ++at_;
    SkipSpace();
    if (Skip('}')) return absl::OkStatus();
    while (true) {
      const size_t place = at_;
      if (Peek() != '"') return Error(at_, "expected a name in quotes");
      Field* field = fields.add_fields();
      BATUTA_RETURN_IF_ERROR(ReadString(*field->mutable_name()));
      if (!names.insert(field->name()).second) return Error(place, "the same name twice");
      SkipSpace();
      if (!Skip(':')) return Error(at_, "expected ':'");
      SkipSpace();
      BATUTA_RETURN_IF_ERROR(ReadValue(depth + 1, *field->mutable_value()));
      SkipSpace();
      if (Skip('}')) return absl::OkStatus();
      if (!Skip(',')) return Error(at_, "expected ',' or '}'");
      SkipSpace();
    }
  }

  absl::Status ReadArray(int depth, ValueList& list) {
    if (depth >= kJsonDepthMax) return Error(at_, "nested too deep");
    ++at_;
    SkipSpace();
    if (Skip(']')) return absl::OkStatus();
    while (true) {
      BATUTA_RETURN_IF_ERROR(ReadValue(depth + 1, *list.add_values()));
      SkipSpace();
      if (Skip(']')) return absl::OkStatus();
      if (!Skip(',')) return Error(at_, "expected ',' or ']'");
      SkipSpace();
    }
  }

  absl::Status ReadNumber(Value& value) {
    const size_t begin = at_;
    Skip('-');
    if (!Skip('0') && !SkipDigits()) return Error(begin, "expected a value");
    if (Skip('.') && !SkipDigits()) return Error(at_, "expected a digit");
    if (Skip('e') || Skip('E')) {
      if (!Skip('+')) Skip('-');
      if (!SkipDigits()) return Error(at_, "expected a digit");
    }
    double number = 0;
    // Too small a number is rounded to zero; too large a one is refused.
    const absl::from_chars_result result =
        absl::from_chars(text_.data() + begin, text_.data() + at_, number);
    if (result.ec != std::errc() && std::abs(number) > 1) return Error(begin, "number too large");
    value.set_number(number);
    return absl::OkStatus();
  }

  absl::Status ReadString(std::string& out) {
    const size_t begin = at_++;
    while (true) {
      const size_t special = FindSpecial();
      if (special == text_.size()) return Error(begin, "text without closing quote");
      BATUTA_RETURN_IF_ERROR(AppendPlain(at_, special, out));
      at_ = special;
      if (Skip('"')) return absl::OkStatus();
      if (!Skip('\\')) return Error(at_, "control character in text");
      BATUTA_RETURN_IF_ERROR(ReadEscape(out));
    }
  }

  // Where the plain run that begins here ends: at a quote, a backslash or a control character.
  size_t FindSpecial() const {
    size_t end = at_;
    while (end < text_.size() && text_[end] != '"' && text_[end] != '\\' &&
           static_cast<uint8_t>(text_[end]) >= 0x20) {
      ++end;
    }
    return end;
  }

  absl::Status AppendPlain(size_t begin, size_t end, std::string& out) {
    const std::string_view plain = text_.substr(begin, end - begin);
    const size_t valid = ValidUtf8Prefix(plain);
    if (valid < plain.size()) return Error(begin + valid, "invalid UTF-8");
    out.append(plain);
    return absl::OkStatus();
  }

  // Called after the backslash.
  absl::Status ReadEscape(std::string& out) {
    constexpr std::string_view kLetters = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    const size_t place = at_ - 1;
    if (Skip('u')) return ReadCodePoint(place, out);
    const size_t index = kLetters.find(Peek());
    if (at_ >= text_.size() || index == std::string_view::npos) {
      return Error(place, "unknown escape");
    }
    ++at_;
    out.push_back(kMeanings[index]);
    return absl::OkStatus();
  }

  absl::Status ReadCodePoint(size_t place, std::string& out) {
    BATUTA_ASSIGN_OR_RETURN(uint32_t code, ReadFourHexDigits(place));
    if (code >= 0xD800 && code <= 0xDFFF) {
      if (code >= 0xDC00 || !Skip('\\') || !Skip('u')) return Error(place, "lone surrogate");
      BATUTA_ASSIGN_OR_RETURN(const uint32_t low, ReadFourHexDigits(place));
      if (low < 0xDC00 || low > 0xDFFF) return Error(place, "lone surrogate");
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    AppendUtf8(code, out);
    return absl::OkStatus();
  }

  absl::StatusOr<uint32_t> ReadFourHexDigits(size_t place) {
    const absl::StatusOr<std::string> bytes =
        at_ + 4 <= text_.size() ? DecodeHex(text_.substr(at_, 4)) : std::string();
    if (!bytes.ok() || bytes->size() != 2) return Error(place, "expected four hexadecimal digits");
    at_ += 4;
    return static_cast<uint32_t>(static_cast<uint8_t>((*bytes)[0]) << 8 |
                                 static_cast<uint8_t>((*bytes)[1]));
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

namespace internal {

absl::StatusOr<Value> ParseJsonCarefully(std::string_view text) {
  return CarefulParser(text).Parse();
}

}  // namespace internal

}  // namespace batuta::base

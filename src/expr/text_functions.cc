// The strings extension, but for format(): places count code points, from 0.
#include <algorithm>
#include <string>
#include <vector>

#include "base/text.h"
#include "expr/code_points.h"
#include "expr/function.h"
#include "expr/operators.h"

namespace batuta::expr {
namespace {

using Arguments = std::span<const Value>;

Value BadPlace() { return Value::Error(ErrorCode::kBadIndex, "the text has no such place"); }

Value Copied(Scratch& scratch, std::string_view text) {
  if (!scratch.ChargeBytes(text.size())) return Scratch::OverBudget();
  return Value::Text(scratch.arena.Copy(text));
}

bool IsPlace(int64_t place, std::string_view text) {
  return place >= 0 && static_cast<uint64_t>(place) <= CodePointCount(text);
}

Value CharAt(Scratch& scratch, Arguments arguments) {
  const std::string_view text = arguments[0].AsText();
  if (!scratch.ChargeBytes(text.size())) return Scratch::OverBudget();
  const int64_t place = arguments[1].AsInt();
  if (!IsPlace(place, text)) return BadPlace();
  const size_t at = ByteOfCodePoint(text, static_cast<size_t>(place));
  if (at == text.size()) return Value::Text("");
  return Value::Text(text.substr(at, CodePointSize(text, at)));
}

Value IndexOf(Scratch& scratch, Arguments arguments) {
  const std::string_view text = arguments[0].AsText();
  if (!scratch.ChargeBytes(text.size() * 2)) return Scratch::OverBudget();
  const int64_t from = arguments.size() > 2 ? arguments[2].AsInt() : 0;
  if (!IsPlace(from, text)) return BadPlace();
  const size_t found =
      text.find(arguments[1].AsText(), ByteOfCodePoint(text, static_cast<size_t>(from)));
  if (found == text.npos) return Value::Int(-1);
  return Value::Int(static_cast<int64_t>(CodePointCount(text.substr(0, found))));
}

// The last place, at `from` or before, where the text stands.
Value LastIndexOf(Scratch& scratch, Arguments arguments) {
  const std::string_view text = arguments[0].AsText();
  if (!scratch.ChargeBytes(text.size() * 2)) return Scratch::OverBudget();
  size_t last = text.size();
  if (arguments.size() > 2) {
    if (!IsPlace(arguments[2].AsInt(), text)) return BadPlace();
    last = ByteOfCodePoint(text, static_cast<size_t>(arguments[2].AsInt()));
  }
  const size_t found = text.rfind(arguments[1].AsText(), last);
  if (found == text.npos) return Value::Int(-1);
  return Value::Int(static_cast<int64_t>(CodePointCount(text.substr(0, found))));
}

template <char kFirst, char kLast, int kShift>
Value ChangeCase(Scratch& scratch, Arguments arguments) {
  std::string text(arguments[0].AsText());
  for (char& c : text) {
    if (c >= kFirst && c <= kLast) c = static_cast<char>(c + kShift);
  }
  return Copied(scratch, text);
}

Value Substring(Scratch& scratch, Arguments arguments) {
  const std::string_view text = arguments[0].AsText();
  if (!scratch.ChargeBytes(text.size() * 2)) return Scratch::OverBudget();
  const int64_t begin = arguments[1].AsInt();
  const auto count = static_cast<int64_t>(CodePointCount(text));
  const int64_t end = arguments.size() > 2 ? arguments[2].AsInt() : count;
  if (begin < 0 || begin > end || end > count) return BadPlace();
  const size_t from = ByteOfCodePoint(text, static_cast<size_t>(begin));
  const size_t to = ByteOfCodePoint(text, static_cast<size_t>(end));
  return Value::Text(text.substr(from, to - from));
}

Value Trim(Scratch& scratch, Arguments arguments) {
  std::string_view text = arguments[0].AsText();
  if (!scratch.ChargeBytes(text.size())) return Scratch::OverBudget();
  while (!text.empty() && IsUnicodeSpace(DecodeCodePoint(text, 0))) {
    text.remove_prefix(CodePointSize(text, 0));
  }
  while (!text.empty()) {
    size_t last = text.size() - 1;
    while (last > 0 && !IsCodePointStart(text[last])) --last;
    if (!IsUnicodeSpace(DecodeCodePoint(text, last))) break;
    text = text.substr(0, last);
  }
  return Value::Text(text);
}

Value Reverse(Scratch& scratch, Arguments arguments) {
  const std::string_view text = arguments[0].AsText();
  std::string reversed;
  reversed.reserve(text.size());
  for (size_t end = text.size(); end > 0;) {
    size_t begin = end - 1;
    while (begin > 0 && !IsCodePointStart(text[begin])) --begin;
    reversed += text.substr(begin, end - begin);
    end = begin;
  }
  return Copied(scratch, reversed);
}

// An empty text is found before each code point and at the end.
Value Replace(Scratch& scratch, Arguments arguments) {
  const std::string_view text = arguments[0].AsText();
  const std::string_view old = arguments[1].AsText();
  const std::string_view fresh = arguments[2].AsText();
  int64_t left = arguments.size() > 3 ? arguments[3].AsInt() : -1;
  std::string result;
  size_t at = 0;
  while (left != 0) {
    const size_t found = text.find(old, at);
    if (found == text.npos) break;
    if (!scratch.ChargeBytes(found - at + fresh.size())) return Scratch::OverBudget();
    result += text.substr(at, found - at);
    result += fresh;
    at = found + old.size();
    --left;
    if (!old.empty()) continue;
    if (at >= text.size()) break;
    const size_t size = CodePointSize(text, at);
    result += text.substr(at, size);
    at += size;
  }
  if (at < text.size()) result += text.substr(at);
  return Copied(scratch, result);
}

// Without a separator, the code points one by one.
Value Split(Scratch& scratch, Arguments arguments) {
  const std::string_view text = arguments[0].AsText();
  const std::string_view separator = arguments[1].AsText();
  const int64_t limit = arguments.size() > 2 ? arguments[2].AsInt() : -1;
  if (limit == 0) return Value::List({});
  std::vector<Value> parts;
  size_t at = 0;
  while (limit < 0 || static_cast<int64_t>(parts.size()) + 1 < limit) {
    if (!scratch.Charge(1)) return Scratch::OverBudget();
    size_t end = text.find(separator, at);
    if (separator.empty()) {
      const bool is_last = at >= text.size() || at + CodePointSize(text, at) >= text.size();
      end = is_last ? text.npos : at + CodePointSize(text, at);
    }
    if (end == text.npos) break;
    parts.push_back(Value::Text(text.substr(at, end - at)));
    at = end + separator.size();
  }
  const bool is_nothing = separator.empty() && text.empty();
  if (!is_nothing) parts.push_back(Value::Text(text.substr(at)));
  if (!scratch.ChargeBytes(text.size() + parts.size() * sizeof(Value)))
    return Scratch::OverBudget();
  return Value::List(scratch.arena.Copy(std::span<const Value>(parts)));
}

Value JoinTexts(Scratch& scratch, Arguments arguments) {
  const Value& list = arguments[0];
  const std::string_view separator = arguments.size() > 1 ? arguments[1].AsText() : "";
  std::string joined;
  for (uint32_t i = 0; i < list.size(); ++i) {
    const Value element = list.Element(i);
    if (element.is_error()) return element;
    if (!element.Is(Kind::kString)) return NoOverload();
    if (!scratch.ChargeBytes(element.AsText().size() + separator.size())) {
      return Scratch::OverBudget();
    }
    if (i > 0) joined += separator;
    joined += element.AsText();
  }
  return Copied(scratch, joined);
}

Value Quote(Scratch& scratch, Arguments arguments) {
  std::string quoted = "\"";
  for (const char c : arguments[0].AsText()) {
    switch (c) {
      case '\a':
        quoted += "\\a";
        break;
      case '\b':
        quoted += "\\b";
        break;
      case '\f':
        quoted += "\\f";
        break;
      case '\n':
        quoted += "\\n";
        break;
      case '\r':
        quoted += "\\r";
        break;
      case '\t':
        quoted += "\\t";
        break;
      case '\v':
        quoted += "\\v";
        break;
      case '\\':
        quoted += "\\\\";
        break;
      case '"':
        quoted += "\\\"";
        break;
      default:
        quoted += c;
    }
  }
  quoted += '"';
  return Copied(scratch, quoted);
}

}  // namespace

void AddTextFunctions(FunctionTable& table) {
  table.Add("charAt", "string.(int) -> string", CharAt);
  table.Add("indexOf", "string.(string) -> int; string.(string, int) -> int", IndexOf);
  table.Add("lastIndexOf", "string.(string) -> int; string.(string, int) -> int", LastIndexOf);
  table.Add("lowerAscii", "string.() -> string", ChangeCase<'A', 'Z', 'a' - 'A'>);
  table.Add("upperAscii", "string.() -> string", ChangeCase<'a', 'z', 'A' - 'a'>);
  table.Add("substring", "string.(int) -> string; string.(int, int) -> string", Substring);
  table.Add("trim", "string.() -> string", Trim);
  table.Add("reverse", "string.() -> string", Reverse);
  table.Add("replace", "string.(string, string) -> string; string.(string, string, int) -> string",
            Replace);
  table.Add("split", "string.(string) -> list(string); string.(string, int) -> list(string)",
            Split);
  table.Add("join", "list(string).() -> string; list(string).(string) -> string", JoinTexts);
  table.Add("strings.quote", "(string) -> string", Quote);
}

}  // namespace batuta::expr

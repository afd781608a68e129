// format() of the strings extension: "%s owes %.2f".format([name, amount]).
//
// %s takes anything; %d ints, uints and doubles that are no numbers; %f and %e numbers, with a
// precision; %b bools and integers; %o integers; %x and %X integers, texts and bytes.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "base/text.h"
#include "expr/calendar.h"
#include "expr/function.h"
#include "expr/number_text.h"

namespace batuta::expr {
namespace {

using Arguments = std::span<const Value>;

constexpr int kPrecisionMax = 1000;
constexpr int kPrecisionDefault = 6;
constexpr int kDepthMax = 64;

Value BadFormat(const char* detail) { return Value::Error(ErrorCode::kBadArgument, detail); }

std::string Digits(uint64_t number, unsigned radix, bool is_upper) {
  const char* digits = is_upper ? "0123456789ABCDEF" : "0123456789abcdef";
  std::string text;
  do {
    text += digits[number % radix];
    number /= radix;
  } while (number > 0);
  std::reverse(text.begin(), text.end());
  return text;
}

std::optional<std::string> Integer(const Value& value, unsigned radix, bool is_upper = false) {
  if (value.Is(Kind::kUint)) return Digits(value.AsUint(), radix, is_upper);
  if (!value.Is(Kind::kInt)) return std::nullopt;
  const auto bits = static_cast<uint64_t>(value.AsInt());
  return value.AsInt() < 0 ? "-" + Digits(0 - bits, radix, is_upper)
                           : Digits(bits, radix, is_upper);
}

std::optional<std::string> Hexadecimal(const Value& value, bool is_upper) {
  if (!value.Is(Kind::kString) && !value.Is(Kind::kBytes)) return Integer(value, 16, is_upper);
  std::string text;
  for (const char c : value.AsText()) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 16) text += '0';
    text += Digits(byte, 16, is_upper);
  }
  return text;
}

std::optional<std::string> Real(const Value& value, int precision, bool is_scientific) {
  double number = 0;
  if (value.Is(Kind::kDouble)) {
    number = value.AsDouble();
  } else if (value.Is(Kind::kInt)) {
    number = static_cast<double>(value.AsInt());
  } else if (value.Is(Kind::kUint)) {
    number = static_cast<double>(value.AsUint());
  } else {
    return std::nullopt;
  }
  if (!std::isfinite(number)) return DoubleText(number);
  std::string text(static_cast<size_t>(precision) + 330, '\0');
  const char* format = is_scientific ? "%.*e" : "%.*f";
  const int size = std::snprintf(text.data(), text.size(), format, precision, number);
  text.resize(static_cast<size_t>(size));
  return text;
}

struct Output {
  Scratch& scratch;
  std::string text = {};
  int depth = 0;
};

// Appends the value as %s shows it. False if it has no text: an error, or an optional.
bool AppendText(const Value& value, Output& out);

bool AppendList(const Value& list, Output& out) {
  out.text += '[';
  for (uint32_t i = 0; i < list.size(); ++i) {
    if (i > 0) out.text += ", ";
    if (!AppendText(list.Element(i), out)) return false;
  }
  out.text += ']';
  return true;
}

// Sorted by the texts of the keys, so that equal maps have equal texts.
bool AppendMap(const Value& map, Output& out) {
  std::vector<std::pair<std::string, uint32_t>> keys;
  for (uint32_t i = 0; i < map.size(); ++i) {
    Output key{out.scratch};
    if (!AppendText(map.Key(i), key)) return false;
    keys.emplace_back(std::move(key.text), i);
  }
  std::sort(keys.begin(), keys.end());
  out.text += '{';
  for (size_t i = 0; i < keys.size(); ++i) {
    if (i > 0) out.text += ", ";
    out.text += keys[i].first + ": ";
    if (!AppendText(map.Held(keys[i].second), out)) return false;
  }
  out.text += '}';
  return true;
}

bool AppendNested(const Value& value, Output& out) {
  if (out.depth >= kDepthMax) return false;
  ++out.depth;
  const bool is_done = value.Is(Kind::kList) ? AppendList(value, out) : AppendMap(value, out);
  --out.depth;
  return is_done;
}

bool AppendText(const Value& value, Output& out) {
  if (!out.scratch.Charge(1)) return false;
  std::string& text = out.text;
  switch (value.kind()) {
    case Kind::kNull:
      text += "null";
      return true;
    case Kind::kBool:
      text += value.AsBool() ? "true" : "false";
      return true;
    case Kind::kInt:
      text += std::to_string(value.AsInt());
      return true;
    case Kind::kUint:
      text += std::to_string(value.AsUint());
      return true;
    case Kind::kDouble:
      text += DoubleText(value.AsDouble());
      return true;
    case Kind::kString:
    case Kind::kBytes:
      if (value.Is(Kind::kBytes) && !base::IsValidUtf8(value.AsText())) return false;
      text += value.AsText();
      return out.scratch.ChargeBytes(value.AsText().size());
    case Kind::kTimestamp:
      text += FormatTimestamp(value.seconds(), value.nanos());
      return true;
    case Kind::kDuration:
      text += FormatDuration(value.duration_nanos());
      return true;
    case Kind::kType:
      text += value.type_name();
      return true;
    case Kind::kList:
    case Kind::kMap:
      return AppendNested(value, out);
    case Kind::kError:
    case Kind::kOptional:
      break;
  }
  return false;
}

// The text of one value for one letter.
std::optional<std::string> Clause(char letter, int precision, const Value& value,
                                  Scratch& scratch) {
  switch (letter) {
    case 's': {
      Output out{scratch};
      if (!AppendText(value, out)) return std::nullopt;
      return std::move(out.text);
    }
    case 'd':
      if (value.Is(Kind::kDouble) && !std::isfinite(value.AsDouble())) {
        return DoubleText(value.AsDouble());
      }
      return Integer(value, 10);
    case 'b':
      if (value.Is(Kind::kBool)) return value.AsBool() ? "1" : "0";
      return Integer(value, 2);
    case 'o':
      return Integer(value, 8);
    case 'x':
      return Hexadecimal(value, false);
    case 'X':
      return Hexadecimal(value, true);
    case 'f':
      return Real(value, precision, false);
    case 'e':
      return Real(value, precision, true);
    default:
      return std::nullopt;
  }
}

// Reads ".N" at the front, if it is there. Nothing if N is missing or too large.
std::optional<int> TakePrecision(std::string_view& rest) {
  if (rest.empty() || rest[0] != '.') return kPrecisionDefault;
  rest.remove_prefix(1);
  size_t digits = 0;
  while (digits < rest.size() && rest[digits] >= '0' && rest[digits] <= '9') ++digits;
  const auto precision = ParseInt(rest.substr(0, digits));
  rest.remove_prefix(digits);
  if (!precision || *precision > kPrecisionMax) return std::nullopt;
  return static_cast<int>(*precision);
}

Value Format(Scratch& scratch, Arguments arguments) {
  std::string_view rest = arguments[0].AsText();
  const Value& list = arguments[1];
  std::string text;
  uint32_t next = 0;
  while (!rest.empty()) {
    const size_t plain = std::min(rest.find('%'), rest.size());
    text += rest.substr(0, plain);
    rest.remove_prefix(plain);
    if (rest.empty()) break;
    rest.remove_prefix(1);
    if (rest.starts_with('%')) {
      text += '%';
      rest.remove_prefix(1);
      continue;
    }
    const auto precision = TakePrecision(rest);
    if (!precision || rest.empty()) return BadFormat("a clause of the format is not complete");
    if (next >= list.size()) return BadFormat("the format has more clauses than there are values");
    const Value value = list.Element(next++);
    if (value.is_error()) return value;
    const auto clause = Clause(rest[0], *precision, value, scratch);
    if (scratch.is_over()) return Scratch::OverBudget();
    if (!clause) return BadFormat("a clause of the format does not go with its value");
    text += *clause;
    rest.remove_prefix(1);
    if (!scratch.ChargeBytes(clause->size())) return Scratch::OverBudget();
  }
  if (!scratch.ChargeBytes(text.size())) return Scratch::OverBudget();
  return Value::Text(scratch.arena.Copy(text));
}

}  // namespace

void AddFormatFunction(FunctionTable& table) {
  table.Add("format", "string.(list(dyn)) -> string", Format);
}

}  // namespace batuta::expr

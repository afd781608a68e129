#include "http/target.h"

#include <algorithm>

#include "absl/strings/ascii.h"

namespace batuta::http {
namespace {

enum class Plus { kIsPlus, kIsSpace };

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool Decode(std::string_view text, Plus plus, std::string* out) {
  out->clear();
  out->reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus == Plus::kIsSpace) {
      out->push_back(' ');
    } else if (text[i] == '%') {
      if (i + 2 >= text.size()) return false;
      const int high = HexDigit(text[i + 1]);
      const int low = HexDigit(text[i + 2]);
      if (high < 0 || low < 0) return false;
      out->push_back(static_cast<char>(high * 16 + low));
      i += 2;
    } else {
      out->push_back(text[i]);
    }
  }
  return true;
}

bool StartsWithIgnoringCase(std::string_view text, std::string_view prefix) {
  return SameToken(text.substr(0, prefix.size()), prefix);
}

bool ParseQuery(std::string_view query, std::vector<QueryParameter>* parameters) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    if (pair.empty()) continue;
    const std::string_view name = pair.substr(0, pair.find('='));
    const std::string_view value = pair.substr(std::min(name.size() + 1, pair.size()));
    QueryParameter& parameter = parameters->emplace_back();
    if (!Decode(name, Plus::kIsSpace, &parameter.name)) return false;
    if (!Decode(value, Plus::kIsSpace, &parameter.value)) return false;
  }
  return true;
}

}  // namespace

std::optional<std::string> PercentDecode(std::string_view text) {
  std::string decoded;
  if (!Decode(text, Plus::kIsPlus, &decoded)) return std::nullopt;
  return decoded;
}

std::string PercentEncode(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte) || c == '-' || c == '.' || c == '_' || c == '~') {
      encoded.push_back(c);
    } else {
      encoded.push_back('%');
      encoded.push_back(kDigits[byte >> 4]);
      encoded.push_back(kDigits[byte & 15]);
    }
  }
  return encoded;
}

bool ParseTarget(RequestHead* head) {
  const std::string_view target = head->target;
  const bool absolute =
      StartsWithIgnoringCase(target, "http://") || StartsWithIgnoringCase(target, "https://");
  if (!target.starts_with('/') && target != "*" && !absolute) return false;
  if (target.find('#') != std::string_view::npos) return false;
  if (!Decode(head->RawPath(), Plus::kIsPlus, &head->path)) return false;
  if (head->path.find('\0') != std::string::npos) return false;
  const size_t question = target.find('?');
  if (question == std::string_view::npos) return true;
  return ParseQuery(target.substr(question + 1), &head->query);
}

}  // namespace batuta::http

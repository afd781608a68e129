#include "expr/diagnostic.h"

#include <algorithm>

#include "base/text.h"

namespace batuta::expr {

Position Locate(std::string_view source, uint32_t offset) {
  Position position;
  const size_t end = std::min<size_t>(offset, source.size());
  for (size_t i = 0; i < end; ++i) {
    const auto byte = static_cast<unsigned char>(source[i]);
    if (byte == '\n') {
      ++position.line;
      position.column = 1;
    } else if ((byte & 0xC0u) != 0x80u) {
      ++position.column;
    }
  }
  return position;
}

std::string Describe(const Diagnostic& diagnostic, std::string_view source) {
  const Position at = Locate(source, diagnostic.span.begin);
  std::string text = base::StrCat(at.line, ":", at.column, ": ", diagnostic.message);
  if (!diagnostic.suggestion.empty()) {
    base::StrAppend(&text, "; did you mean `", diagnostic.suggestion, "`?");
  }
  return text;
}

std::string Describe(const Diagnostics& diagnostics, std::string_view source) {
  std::string text;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (!text.empty()) text += '\n';
    text += Describe(diagnostic, source);
  }
  return text;
}

}  // namespace batuta::expr

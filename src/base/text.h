// Small questions about text: is it valid, what did the writer mean.
//
// Case and spaces are ASCII's only; no locale and no Unicode folding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace batuta::base {

// Well-formed UTF-8 (Unicode 15, table 3-7): no overlong forms, no surrogates, up to U+10FFFF.
bool IsValidUtf8(std::string_view text);
// The size of the longest well-formed beginning: where the first mistake is.
size_t ValidUtf8Prefix(std::string_view text);

// Appends a code point. Requires: up to U+10FFFF.
void AppendUtf8(uint32_t code, std::string& text);

std::string LowerAscii(std::string_view text);
std::string_view TrimAscii(std::string_view text);  // a view into `text`

// The known word that `word` is most likely a misspelling of, for "did you mean"; "" if none is
// near. Near is an edit distance (insert, delete, replace, swap of neighbours; case ignored) of at
// most a third of the longer length. Of equally near words the first is taken.
std::string Suggest(std::string_view word, absl::Span<const std::string> known);

// Abseil may be built with a string_view of its own, which std::string_view does not convert to.
// These cross over, and cost nothing where both are one type.
inline absl::string_view AbslView(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view StdView(absl::string_view text) { return {text.data(), text.size()}; }

namespace internal {
template <typename T>
const T& AbslPart(const T& part) {
  return part;
}
inline absl::string_view AbslPart(std::string_view part) { return AbslView(part); }
}  // namespace internal

// absl::StrCat and absl::StrAppend that take std::string_view as well.
template <typename... Parts>
std::string StrCat(const Parts&... parts) {
  return absl::StrCat(internal::AbslPart(parts)...);
}
template <typename... Parts>
void StrAppend(std::string* text, const Parts&... parts) {
  absl::StrAppend(text, internal::AbslPart(parts)...);
}

}  // namespace batuta::base

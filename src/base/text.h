// Small questions about text: is it valid, what did the writer mean.
//
// Case and spaces are ASCII's only; no locale and no Unicode folding.
#pragma once

#include <string>
#include <string_view>

#include "absl/types/span.h"

namespace batuta::base {

// Well-formed UTF-8 (Unicode 15, table 3-7): no overlong forms, no surrogates, up to U+10FFFF.
bool IsValidUtf8(std::string_view text);

std::string LowerAscii(std::string_view text);
std::string_view TrimAscii(std::string_view text);  // a view into `text`

// The known word that `word` is most likely a misspelling of, for "did you mean"; "" if none is
// near. Near is an edit distance (insert, delete, replace, swap of neighbours; case ignored) of at
// most a third of the longer length. Of equally near words the first is taken.
std::string Suggest(std::string_view word, absl::Span<const std::string> known);

}  // namespace batuta::base

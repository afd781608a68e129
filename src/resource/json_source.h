// Reads JSON (RFC 8259) into a TreeBuilder, because the parser of `base` does not keep places. Not
// part of the folder's interface; see yaml.h.
#pragma once

#include <string_view>

#include "resource/tree_builder.h"

namespace batuta::resource {

// Reads exactly one value. Requires: valid UTF-8. False if it failed; the builder knows why.
bool ReadJson(std::string_view text, TreeBuilder& builder);

}  // namespace batuta::resource

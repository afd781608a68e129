// Reads YAML into a TreeBuilder, one document after another; the only owner of yaml-cpp. Not part
// of the folder's interface; see yaml.h.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "resource/tree_builder.h"

namespace batuta::resource {

// Calls `take` with each document's tree. Requires: valid UTF-8 without zero bytes and byte order
// mark. Returns what was wrong, if something was; the documents before it have been taken.
std::optional<TreeBuilder::Failure> ReadYaml(std::string_view text,
                                             const std::function<void(Tree)>& take);

}  // namespace batuta::resource

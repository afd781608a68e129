// The version of this release.
#pragma once

#include <string_view>

namespace batuta::server {

inline constexpr std::string_view kVersion = BATUTA_VERSION;

}  // namespace batuta::server

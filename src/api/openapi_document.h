// The description of the API, docs/openapi.yaml, as it was when the program was built. Internal to
// this folder.
#pragma once

#include <string_view>

namespace batuta::api {

std::string_view OpenApiDocument();  // lives as long as the program

}  // namespace batuta::api

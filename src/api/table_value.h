// How the rows of a table look in answers about its resource. Internal to this folder.
#pragma once

#include <string_view>

#include "base/value.pb.h"
#include "table/content.h"

namespace batuta::api {

// Adds `content` ({version, rows, bytes, author, time}) to the resource's value, if it has rows.
void AddContent(const table::Tables& tables, std::string_view name, base::Value& resource);

}  // namespace batuta::api

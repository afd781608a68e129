// Files of resource documents, on their way to a hub; and what it says is wrong with them.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/json.h"
#include "server/client.h"

namespace batuta::server {

// Adds the member `files` to the object: the texts of these files, and of those in these folders
// (*.yaml, *.yml, *.json), as they are, so that the hub can say where in them something is wrong.
absl::Status WriteResourceFiles(const std::vector<std::string>& paths, base::JsonWriter& json);

// To standard error, with file and line where they are known.
void PrintResourceErrors(const std::vector<ApiError>& errors);

}  // namespace batuta::server

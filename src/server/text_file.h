// Small files that a command reads whole: settings, resources, what it kept of its last run.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace batuta::server {

// NotFound names the file that cannot be read.
absl::StatusOr<std::string> ReadText(const std::string& path);

}  // namespace batuta::server

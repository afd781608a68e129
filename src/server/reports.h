// Reports of resources, for the commands that list and show them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/value.pb.h"
#include "server/session.h"

namespace batuta::server {

// Of every resource of the kind, in the order of their names. `plural` as in paths: "budgets".
absl::StatusOr<std::vector<base::Value>> ReportsOf(const Session& session, std::string_view plural);

// Prints that of one, or what went wrong.
ExitCode ShowReport(const Session& session, std::string_view plural, const std::string& name);

}  // namespace batuta::server

// What a command tells the shell that ran it.
#pragma once

#include "absl/status/status.h"

namespace batuta::server {

enum class ExitCode : int {
  kOk = 0,
  kFailure = 1,
  kUsage = 2,
  kValidation = 3,
  kConflict = 4,
  kNotFound = 5,
  kDenied = 6,
  kInterrupted = 130,
};

ExitCode ExitCodeFor(absl::StatusCode code);

}  // namespace batuta::server

// The API keys that the demo's sources send with: one write key for each, as a company would have.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "server/client.h"
#include "server/demo_api.h"

namespace batuta::server {

// Reads the keys kept in `path`, or has the hub make them and keeps them there, readable by the
// owner alone. `path` empty: they are kept nowhere.
absl::StatusOr<DemoKeys> TakeDemoKeys(ApiClient& admin, const std::string& path);

}  // namespace batuta::server

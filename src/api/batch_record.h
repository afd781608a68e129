// Asks the hub for the decisions of people who were admitted: recorded ones, that count as any
// other. Internal to this folder.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "api/batch_side.h"
#include "api/core.h"
#include "api/job.h"

namespace batuta::api {

// Appends a request for each, all at once, and waits for the answers. Whoever is gone meanwhile, or
// has merged away, has no decision. Rests while the hub is under pressure. `source`: of the key
// that asks.
absl::Status Record(Core& core, JobContext& context, const BatchQuestion& question,
                    const std::string& source, std::vector<BatchItem>& items);

}  // namespace batuta::api

// What other systems call the people of a batch: their identifiers, opened. Internal to this
// folder.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "api/batch_side.h"
#include "api/core.h"
#include "api/job.h"

namespace batuta::api {

// Gives everybody with a choice their confirmed identifiers of these types (BatchItem.identifiers):
// of several the one seen last, "" where there is none or the person was erased meanwhile.
absl::Status ReadIdentifiers(Core& core, JobContext& context, const std::vector<std::string>& types,
                             std::vector<BatchItem>& items);

}  // namespace batuta::api

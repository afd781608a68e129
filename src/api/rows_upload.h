// Rows on their way into the log: part after part, each when the one before is applied, so that an
// upload never crowds out everything else. Internal to this folder.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "api/exchange.h"
#include "table/table.pb.h"

namespace batuta::api {

struct Uploaded {
  table::Head head;          // as it is in force, or else as it was sent
  bool is_in_force = false;  // false: durable, and not every partition has switched yet
};

// Aborted: another upload of the same began meanwhile.
using UploadDone = std::function<void(const absl::StatusOr<Uploaded>&)>;

// The head says which table, its columns, how many rows and parts, and who uploads them. `done`
// runs on any thread.
void UploadRows(Core& core, table::Head head, std::vector<std::string> parts, UploadDone done);

void FailUpload(const ExchangePtr& exchange, const absl::Status& status);

}  // namespace batuta::api

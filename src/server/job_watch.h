// Watches a job of the hub until it has ended. Used by one thread.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "base/value.pb.h"
#include "server/client.h"
#include "server/session.h"

namespace batuta::server {

// Shows on a terminal how far the job is, and gives it when it is done. While it waits, Ctrl-C
// cancels the job: the status is Cancelled then, as when somebody else did. A job that failed is
// an error, by the job's own words.
absl::StatusOr<base::Value> WatchJob(const Session& session, ApiClient& client,
                                     const std::string& id);

}  // namespace batuta::server

// Watches a job of the hub until it has ended. Used by one thread.
#pragma once

#include "absl/status/statusor.h"
#include "base/value.pb.h"
#include "server/client.h"
#include "server/session.h"

namespace batuta::server {

// Shows on a terminal how far the job is that was started, and gives it when it is done. An ending
// signal cancels the job; then, as when somebody else cancels it, the status is Cancelled. A job
// that failed is Aborted, by its own words. Requires: BlockEndingSignals() was called.
absl::StatusOr<base::Value> WatchJob(const Session& session, ApiClient& client,
                                     const base::Value& started);

// Where the job is, as started or watched: "/v1/jobs/job_…".
std::string PathOfJob(const base::Value& job);

}  // namespace batuta::server

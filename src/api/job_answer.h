// Jobs as answers: starting one, and how one is shown. Internal to this folder.
#pragma once

#include <memory>

#include "api/exchange.h"
#include "api/job.h"
#include "api/jobs.h"
#include "base/value.pb.h"

namespace batuta::api {

// Starts the job for the key of the request, and answers 202 with where it can be watched; 429 if
// too many run. The same request again with its Idempotency-Key starts nothing, and is answered
// with the job, as long as that is there.
void StartJob(const ExchangePtr& exchange, JobWish wish, std::unique_ptr<Job> job);

// {id, kind, about?, state, progress, createdAt, …}.
base::Value JobValue(const JobView& view);

}  // namespace batuta::api

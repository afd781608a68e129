// Finds decisions that were made: their rows in the partitions, and from there their records in the
// history. Internal to this folder.
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "api/answer.h"
#include "api/exchange.h"
#include "base/ids.h"
#include "decision/decision.pb.h"

namespace batuta::api {

struct StoredDecision {
  decision::Decision decision;
  std::string bytes;  // as they were logged
  Lives life = {};    // what came of it; empty as long as that is not over
};

using StoredDone = std::function<void(absl::StatusOr<StoredDecision>)>;

// `done` is called on a background thread. NotFound if there is none; OutOfRange if its record is
// older than what is kept.
void FindDecision(const ExchangePtr& exchange, const base::DecisionId& id, StoredDone done);

// The same for a request whose partition is not known.
void FindDecisionOfRequest(const ExchangePtr& exchange, const base::RecordId& request,
                           StoredDone done);

// The id in the path. Answers 404 itself if it is none.
std::optional<base::DecisionId> DecisionInPath(const ExchangePtr& exchange);

// Answers for a status that FindDecision gave.
void FailFinding(const ExchangePtr& exchange, const absl::Status& status);

}  // namespace batuta::api

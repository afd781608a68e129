// Makes a logged decision again from its own trace.
//
// With the catalogue of the decision's definitions the whole pipeline runs, reading what
// rules read, consents, contacts and beliefs from the trace. Without it, the stages that need
// definitions (dates, rules, consent) are taken as logged, and policies, arbitration, holdout
// and choice run again. Needs no state, no hub seed and no models.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "decision/catalogue.h"
#include "decision/decision.pb.h"

namespace batuta::decision {

// The bytes of the decision made again; equal to Serialize(decision) unless something is wrong.
// FailedPrecondition when another engine version made it, InvalidArgument when the trace is
// damaged.
absl::StatusOr<std::string> Replay(const Decision& decision);

// Also FailedPrecondition when the catalogue is of another version.
absl::StatusOr<std::string> Replay(const Decision& decision, const Catalogue& catalogue);

}  // namespace batuta::decision

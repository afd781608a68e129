// Makes a decision: runs the pipeline over the candidates of a placement and writes down all of it.
//
// Pure: the same request and inputs give the same bytes. Reserves nothing: see lifecycle.h for what
// follows from a decision.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/ids.h"
#include "base/time.h"
#include "decision/catalogue.h"
#include "decision/decision.pb.h"
#include "decision/holdout_tally.h"
#include "decision/person_view.h"
#include "learn/models.h"
#include "policy/contact.pb.h"
#include "policy/lease.h"

namespace batuta::decision {

// Changes whenever the same inputs may give other bytes than before.
inline constexpr std::string_view kEngineVersion = "8";

// What the partition's lease does not have and may be had from elsewhere.
struct Shortage {
  policy::LeaseKey key;
  int64_t need = 0;
};

struct Inputs {
  const Catalogue& catalogue;
  const learn::ModelView& models;
  const PersonView& person;
  const policy::ContactState& contacts;
  base::DecisionId decision;
  base::PersonId person_id;
  base::Time now;                             // log time
  absl::TimeZone zone = absl::UTCTimeZone();  // of the person, or else of the company
  uint64_t hub_seed = 0;
  Identity identity = SETTLED;
  const HoldoutPeople* holdouts = nullptr;    // that the person was met by; null: by none
  const policy::LeaseView* leases = nullptr;  // null: constraints are not asked
  // What leases lack is added here: then the decision is to be made anew when they have it, or are
  // known not to get it. Null: they lack nothing.
  std::vector<Shortage>* shortages = nullptr;
};

// NotFound when the placement is unknown; InvalidArgument when more slots are asked for than it
// has.
absl::StatusOr<Decision> Decide(const DecisionRequest& request, const Inputs& inputs);
// The same into `decision`, which must be empty; it may be in an arena.
absl::Status Decide(const DecisionRequest& request, const Inputs& inputs, Decision& decision);

// The bytes of a decision as they are logged and compared: equal decisions, equal bytes. The
// decision is as before afterwards; a constant one is copied.
std::string Serialize(Decision& decision);
std::string Serialize(const Decision& decision);

// Reads what Serialize gave. False if it is none.
bool Parse(std::string_view bytes, Decision& decision);
// The same but for the trace, which is most of it.
bool ParseWithoutTrace(std::string_view bytes, Decision& decision);

}  // namespace batuta::decision

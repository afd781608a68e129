// Who of many people gets which action, when budgets and capacities do not suffice for all: the
// choices worth most get them, whatever the order in which people were looked at.
//
// Each person bids with what they could get, by the net value that a dry run has found. Bids are
// admitted from the greatest net value down, those of mandatory actions before all others, while
// what they take of each constraint is left; a person who does not get the first is offered the
// next, up to as many choices as there are slots. Ties go by a hash of the person.
//
// What a holdout decides stays as it is. Who gets no marketing bids as well, so that it is known
// whom the others are to be compared with, but takes nothing. Who draws at random is admitted by
// the best bid like everybody, and takes what was drawn.
//
// Pure. Memory: 16 bytes a bid and 20 a person, beside what is admitted.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "decision/catalogue.h"
#include "decision/decision.pb.h"

namespace batuta::decision {

struct ConstraintUse {
  uint32_t constraint = 0;  // in Constraints::all()
  int64_t amount = 0;       // more than 0
};

// The actions of a placement, and what a choice of each takes of constraints, in their order.
struct AdmissionActions {
  std::vector<std::string> names;
  std::vector<std::vector<ConstraintUse>> uses;  // parallel
  std::vector<uint32_t> of_candidate;            // by the placement's candidates

  static AdmissionActions Of(const Catalogue& catalogue, const Placement& placement);
};

inline constexpr uint32_t kNoAction = std::numeric_limits<uint32_t>::max();

struct Bidder {
  uint32_t tie = 0;            // the smaller goes first
  uint32_t drawn = kNoAction;  // in the random arm: what they get if they are admitted
  HoldoutArm arm = NO_HOLDOUT;
};

struct Bid {
  double net_value = 0;  // in units of the currency
  uint32_t person = 0;   // of the bidders
  uint32_t action : 31 = 0;
  uint32_t is_mandatory : 1 = 0;
};

// What the person could get by a dry run of theirs, of which the placement's candidates are known:
// admissible, or kept from them by a holdout alone, and worth more than nothing, or mandatory. Left
// out is what could only be admitted if they had as many as `slots` before. Gives the number.
size_t AppendBids(const AdmissionActions& actions, const Decision& made, uint32_t person,
                  uint32_t slots, std::vector<Bid>& bids);
// What a random arm has drawn for the first slot; kNoAction for nothing.
uint32_t DrawnAction(const AdmissionActions& actions, const Decision& made);

struct AdmissionLimits {
  std::vector<int64_t> left;                                // of each constraint
  uint32_t slots = 1;                                       // choices of a person, at most
  uint64_t choices = std::numeric_limits<uint64_t>::max();  // of all people, at most
};

struct Admitted {
  uint32_t person = 0;
  uint32_t action = 0;  // of people whom a holdout keeps from it too
};

struct Admission {
  // A person's stand together; people in the order of the first that was admitted of them.
  std::vector<Admitted> admitted;
  std::vector<int64_t> taken;    // of each constraint; never more than was left
  std::vector<uint64_t> missed;  // by constraint: bids that failed for it first
};

// Requires: every bid is of a bidder and an action.
Admission Admit(const AdmissionActions& actions, absl::Span<const Bidder> people,
                std::vector<Bid> bids, const AdmissionLimits& limits);

}  // namespace batuta::decision

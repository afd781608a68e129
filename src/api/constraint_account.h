// What is spent, reserved and left of a budget, a capacity or an agreement, as the leases of the
// partitions say it together. Internal to this folder.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/time.h"
#include "engine/fold.h"
#include "policy/constraints.h"

namespace batuta::api {

// Of one period.
struct ConstraintAccount {
  base::Time ends = base::kDistantFuture;
  int64_t reserved = 0;
  int64_t spent = 0;
  int64_t overdrawn = 0;
};
using ConstraintAccounts = std::map<base::Time, ConstraintAccount>;  // by the period's beginning

// Of one partition. On its thread; takes milliseconds at most.
ConstraintAccounts AccountsIn(engine::Fold& fold, policy::ConstraintKind kind,
                              const std::string& name);
ConstraintAccounts SumOf(const std::vector<ConstraintAccounts>& parts);

// What may be reserved at `now`, of the period that this is in: never negative.
int64_t LeftOf(const policy::Constraint& constraint, const ConstraintAccounts& accounts,
               base::Time now, const absl::TimeZone& zone);

}  // namespace batuta::api

// What the kinds that limit all choices together (budget, capacity, agreement) state in the same
// way.
#pragma once

#include <string>
#include <vector>

#include "base/value.pb.h"
#include "resource/schema.h"
#include "resource/validate.h"

namespace batuta::resource {

// title; per, one of `periods`; pace; starts, ends; only.
std::vector<Member> ConstraintMembers(std::vector<std::string> periods);

// Actions, groups and issues.
Schema FamilySchema();
// The same, and channels.
Schema SelectionSchema();

// What the schema cannot say of them: dates in their order, and those that a campaign needs.
void CheckConstraint(const base::Fields& spec, Findings& findings);

}  // namespace batuta::resource

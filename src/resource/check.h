// Checks a change as a whole: each document by its kind, and what must hold between all resources
// once the change is applied. Answers with every problem at once.
//
// Between resources: what is referred to exists, also after removals and renames; nothing is stated
// twice; a treatment's channel is that of its placements; amounts are in the hub's currency; the
// dates of a group and of what is in it overlap; an action has a treatment (else a warning). Pure;
// does not apply anything.
#pragma once

#include <vector>

#include "resource/problem.h"
#include "resource/set.h"

namespace batuta::resource {

// Problems carry file, line and column where the change's documents know them. The change may be
// applied (ResourceSet::After) if `!HasError(…)`.
std::vector<Problem> Check(const ResourceSet& current, const Change& change);

}  // namespace batuta::resource

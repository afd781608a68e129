// What the three levels of the catalogue (issue, group, action) state in the same way: whom and
// when what is beneath may be offered, by how much the company leans towards it, how it is tagged.
//
// Used by the kinds of these levels.
#pragma once

#include <vector>

#include "base/value.pb.h"
#include "resource/schema.h"
#include "resource/validate.h"

namespace batuta::resource {

// eligible, applicable, suitable; starts, ends; levers; tags.
std::vector<Member> LevelMembers();
// How many choices of one decision may be from beneath a level that has actions in it.
Member PerSlate();

// What the schema cannot say of them: dates in their order.
void CheckLevel(const base::Fields& spec, Findings& findings);

}  // namespace batuta::resource

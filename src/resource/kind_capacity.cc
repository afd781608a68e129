#include <utility>

#include "resource/constraint_members.h"
#include "resource/kind.h"

namespace batuta::resource {

Kind CapacityKind() {
  std::vector<Member> members = ConstraintMembers({"hour", "day", "week", "month", "campaign"});
  members.insert(members.begin(),
                 Required("max", Integer().Range(0, 1e15).Describe(
                                     "How many choices there may be in a period.")));
  return {.name = "capacity",
          .plural = "capacities",
          .description = "How many choices a channel, or whoever handles what is chosen, can take.",
          .spec = Object(std::move(members)),
          .check = CheckConstraint};
}

}  // namespace batuta::resource

#include <utility>

#include "resource/kind.h"
#include "resource/level_members.h"

namespace batuta::resource {

Kind GroupKind() {
  std::vector<Member> members = {
      Required("title", Text().Range(1, 200).Describe("What people call it.")),
      Optional("issue", Reference("issue").Describe("The issue that it belongs to."))};
  for (Member& member : LevelMembers()) members.push_back(std::move(member));
  members.push_back(PerSlate());
  return {.name = "group",
          .plural = "groups",
          .description =
              "A family of actions, such as cards: what is stated here holds for all "
              "actions beneath.",
          .spec = Object(std::move(members)),
          .check = CheckLevel};
}

}  // namespace batuta::resource

#include <utility>

#include "resource/kind.h"
#include "resource/level_members.h"

namespace batuta::resource {

Kind IssueKind() {
  std::vector<Member> members = {
      Required("title", Text().Range(1, 200).Describe("What people call it."))};
  for (Member& member : LevelMembers()) members.push_back(std::move(member));
  members.push_back(PerSlate());
  return {.name = "issue",
          .plural = "issues",
          .description =
              "A purpose of the company with people, such as to grow or to retain: "
              "what is stated here holds for all groups beneath.",
          .spec = Object(std::move(members)),
          .check = CheckLevel};
}

}  // namespace batuta::resource

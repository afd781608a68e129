#include "base/text.h"
#include "resource/constraint_members.h"
#include "resource/kind.h"
#include "resource/reader.h"

namespace batuta::resource {
namespace {

void CheckHoldout(const base::Fields& spec, Findings& findings) {
  const Reader holdout(spec);
  const std::string arm = holdout.Text("arm", "none");
  if (!holdout.Has("only") || arm == "none" || arm == "noLevers") return;
  findings.Error("contradiction", "/spec/only",
                 base::StrCat("the arm \"", arm,
                              "\" is another choice among all there is, so it cannot be about "
                              "some of it \"only\"; the arms none and noLevers can"));
}

}  // namespace

Kind HoldoutKind() {
  return {
      .name = "holdout",
      .plural = "holdouts",
      .description =
          "A share of the people that is treated differently, to measure what marketing is worth.",
      .spec = Object(
          {Required("percent",
                    Number().Range(0, 100).Describe("The share of the people, from 0 to 100.")),
           Optional("arm",
                    Enum({"none", "random", "propensity", "noLevers"})
                        .Default("none")
                        .Describe("What they get: none of it; a choice at random among what is "
                                  "allowed; what is most likely accepted, whatever it is worth; "
                                  "the choice as it would be without levers.")),
           Optional("only", FamilySchema().Describe(
                                "What they are kept from, while all else competes: of each list "
                                "one must fit. If absent, with the arm none all marketing."))}),
      .check = CheckHoldout};
}

}  // namespace batuta::resource

#include "resource/constraint_members.h"

#include <utility>

#include "base/text.h"
#include "resource/reader.h"

namespace batuta::resource {

namespace {

std::vector<Member> FamilyMembers() {
  return {Optional("actions", ListOf(Reference("action")).Unique().AtLeast(1).Describe("Actions.")),
          Optional("groups", ListOf(Reference("group")).Unique().AtLeast(1).Describe("Groups.")),
          Optional("issues", ListOf(Reference("issue")).Unique().AtLeast(1).Describe("Issues."))};
}

}  // namespace

Schema FamilySchema() { return Object(FamilyMembers()); }

Schema SelectionSchema() {
  std::vector<Member> members = FamilyMembers();
  members.push_back(Optional("channels", ListOf(Name()).Unique().AtLeast(1).Describe("Channels.")));
  return Object(std::move(members));
}

std::vector<Member> ConstraintMembers(std::vector<std::string> periods) {
  return {Optional("title", Text().Range(1, 200).Describe("What people call it.")),
          Required("per", Enum(std::move(periods))
                              .Describe("In which period of the company's calendar; a campaign is "
                                        "all of the time from \"starts\" to \"ends\".")),
          Optional("pace", Enum({"free", "even"})
                               .Default("free")
                               .Describe("Whether it may be used up as soon as it can be, or is "
                                         "spread evenly over the period.")),
          Optional("starts", Moment().Describe("Before this there is nothing to be had.")),
          Optional("ends", Moment().Describe("From this on there is nothing to be had any more.")),
          Optional("only", SelectionSchema().Describe(
                               "Which choices it counts: of each list one must fit; all if "
                               "absent."))};
}

void CheckConstraint(const base::Fields& spec, Findings& findings) {
  const Reader reader(spec);
  const bool has_both = reader.Has("starts") && reader.Has("ends");
  if (has_both && reader.TimeField("starts") >= reader.TimeField("ends")) {
    findings.Error(
        "out_of_range", "/spec/ends",
        base::StrCat("\"ends\" must be later than \"starts\", which is ", reader.Text("starts")));
  }
  if (reader.Text("per") == "campaign" && reader.Text("pace") == "even" && !has_both) {
    findings.Error("missing_field", "/spec/pace",
                   "a campaign is spread evenly from its \"starts\" to its \"ends\": state both");
  }
}

}  // namespace batuta::resource

#include <utility>

#include "base/text.h"
#include "resource/constraint_members.h"
#include "resource/kind.h"
#include "resource/reader.h"

namespace batuta::resource {
namespace {

constexpr double kLargestCount = 1e12;

bool NamesNothing(const Reader& selection) { return selection.fields().fields().empty(); }

void CheckMinimum(const Reader& agreement, Findings& findings) {
  if (agreement.Has("boost") != agreement.Has("atLeast")) {
    const bool has_boost = agreement.Has("boost");
    findings.Error(
        has_boost ? "contradiction" : "missing_field", has_boost ? "/spec/boost" : "/spec/atLeast",
        "a minimum (\"atLeast\") is reached by what is added to the worth of its choices "
        "while there are too few (\"boost\"): state both, or neither");
  }
  if (!agreement.Has("atLeast")) return;
  if (agreement.Has("atMost") && agreement.Integer("atLeast") > agreement.Integer("atMost")) {
    findings.Error("contradiction", "/spec/atLeast",
                   base::StrCat("\"atLeast\" must not be more than \"atMost\", which is ",
                                agreement.Integer("atMost")));
  }
  if (agreement.Has("boost") && agreement.MoneyField("boost").micros <= 0) {
    findings.Error("out_of_range", "/spec/boost/amount", "\"amount\" must be more than 0");
  }
  const bool is_campaign = agreement.Text("per", "campaign") == "campaign";
  if (is_campaign && !(agreement.Has("starts") && agreement.Has("ends"))) {
    findings.Error(
        "missing_field", "/spec/atLeast",
        "the pace towards a minimum needs a period: state \"per\" day, week or month, or "
        "both \"starts\" and \"ends\"");
  }
}

void CheckAgreement(const base::Fields& spec, Findings& findings) {
  CheckConstraint(spec, findings);
  const Reader agreement(spec);
  if (agreement.Has("only") && NamesNothing(agreement.Object("only"))) {
    findings.Error("missing_field", "/spec/only",
                   "it must say what the partner's is: actions, groups, issues or channels");
  }
  if (!agreement.Has("atMost") && !agreement.Has("atLeast") && !agreement.Has("exclusive")) {
    findings.Error("missing_field", "/spec",
                   "the agreement promises nothing: it needs \"atMost\", \"atLeast\" or "
                   "\"exclusive\"");
  }
  CheckMinimum(agreement, findings);
  if (agreement.Has("exclusive") && NamesNothing(agreement.Object("exclusive").Object("over"))) {
    findings.Error("missing_field", "/spec/exclusive/over",
                   "it must say who gives way: actions, groups or issues");
  }
}

Schema Exclusive() {
  return Object(
      {Required("over", FamilySchema().Describe("Who gives way: of each list one must fit.")),
       Optional("placements",
                ListOf(Reference("placement"))
                    .Unique()
                    .AtLeast(1)
                    .Describe("Where these are not shown at all. Everywhere else they are not "
                              "shown beside what is the partner's, in one decision."))});
}

}  // namespace

Kind AgreementKind() {
  return {
      .name = "agreement",
      .plural = "agreements",
      .description = "What was promised to a partner: a minimum, a cap, or exclusivity.",
      .spec = Object(
          {Optional("title", Text().Range(1, 200).Describe("What people call it.")),
           Required("only", SelectionSchema().Describe(
                                "What the partner's is: of each list one must fit.")),
           Optional("per", Enum({"day", "week", "month", "campaign"})
                               .Default("campaign")
                               .Describe("In which period of the company's calendar numbers hold; "
                                         "a campaign is all of the time from \"starts\" to "
                                         "\"ends\".")),
           Optional("starts", Moment().Describe("Before this nothing is promised.")),
           Optional("ends", Moment().Describe("From this on nothing is promised any more.")),
           Optional("atMost", Integer()
                                  .Range(0, kLargestCount)
                                  .Describe("How many choices there may be in a period.")),
           Optional("atLeast", Integer()
                                   .Range(1, kLargestCount)
                                   .Describe("How many choices there are to be in a period.")),
           Optional("boost", MoneyAmount().Describe(
                                 "What is added at most to the net value of its choices while "
                                 "fewer were made than an even pace asks for.")),
           Optional("exclusive", Exclusive().Describe("Beside whom the partner is not shown."))}),
      .check = CheckAgreement};
}

}  // namespace batuta::resource

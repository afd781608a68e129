#include "base/text.h"
#include "base/value.h"
#include "resource/kind.h"
#include "resource/reader.h"

namespace batuta::resource {
namespace {

void CheckAction(const base::Fields& spec, Findings& findings) {
  const Reader action(spec);
  if (action.Has("starts") && action.Has("ends") &&
      action.TimeField("starts") >= action.TimeField("ends"))
    findings.Error(
        "out_of_range", "/spec/ends",
        base::StrCat("\"ends\" must be later than \"starts\", which is ", action.Text("starts")));
}

Schema Outcome(std::string_view what) {
  return Object({Required("event", Text().Range(1, 200).Describe("The name of the event.")),
                 Optional("where", RuleText().Describe("A rule on the event, as event.properties.… "
                                                       "and the person; all events if absent."))})
      .Describe(what);
}

std::vector<Member> Economy() {
  return {Required("value", MoneyAmount().Describe("What an acceptance is worth, such as {amount: "
                                                   "\"120.00\", currency: MXN}.")),
          Optional("cost", MoneyAmount().Describe("What one contact costs; nothing if absent.")),
          Optional("lever", Number().Range(0, 1000).Default(1).Describe(
                                "A factor on the value, by which the company leans towards it."))};
}

std::vector<Member> Life() {
  return {Optional("accept", Outcome("An event that counts as acceptance of what was shown.")),
          Optional("reject", Outcome("An event that counts as refusal of what was shown.")),
          Optional("window", Span().Positive().Default("7d").Describe(
                                 "How long after the exposure an outcome counts.")),
          Optional("starts", Moment().Describe("When it is offered first.")),
          Optional("ends", Moment().Describe("When it is no longer offered."))};
}

}  // namespace

Kind ActionKind() {
  std::vector<Member> members = {
      Required("title", Text().Range(1, 200).Describe("What people call it.")),
      Optional("group", Name().Describe("The family it belongs to, for policies.")),
      Optional("class", Enum({"transactional", "service", "marketing"})
                            .Default("marketing")
                            .Describe("What it is for the person; policies differ by it.")),
      Optional("eligible", RuleText().Describe("A rule: the company may offer it to the person.")),
      Optional("applicable", RuleText().Describe("A rule: it fits the person now.")),
      Optional("suitable", RuleText().Describe("A rule: it is good for the person.")),
      Optional("purpose", Name().Describe("The purpose that the person must have consented to.")),
      Optional("explore", Enum({"always", "never"})
                              .Default("always")
                              .Describe("Whether it may be shown in order to learn.")),
      Optional("mandatory", Boolean().Default(false).Describe(
                                "Goes before all others whenever it is allowed."))};
  for (Member& member : Economy()) members.push_back(std::move(member));
  for (Member& member : Life()) members.push_back(std::move(member));
  return {.name = "action",
          .plural = "actions",
          .description = "Something that the company can do for a person.",
          .spec = Object(std::move(members)),
          .check = CheckAction};
}

}  // namespace batuta::resource

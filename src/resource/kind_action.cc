#include <utility>

#include "resource/kind.h"
#include "resource/level_members.h"
#include "resource/reader.h"

namespace batuta::resource {
namespace {

std::vector<Member> OutcomeMembers() {
  return {Required("event", Text().Range(1, 200).Describe("The name of the event.")),
          Optional("where", RuleText().Describe("A rule on the event, as event.properties.… "
                                                "and the person; all events if absent."))};
}

Schema Reject() {
  return Object(OutcomeMembers()).Describe("An event that counts as refusal of what was shown.");
}

Schema Accept() {
  std::vector<Member> members = OutcomeMembers();
  members.push_back(Optional("after", Enum({"shown", "clicked"})
                                          .Default("shown")
                                          .Describe("What has to have happened before, for the "
                                                    "event to be due to what was shown.")));
  return Object(std::move(members))
      .Describe("An event that counts as acceptance of what was shown.");
}

Schema Refund() {
  std::vector<Member> members = OutcomeMembers();
  members.push_back(Optional(
      "window", Span().Positive().Default("30d").Describe("How long after the acceptance.")));
  return Object(std::move(members))
      .Describe(
          "An event that takes back what an acceptance was worth: as much as it states, "
          "else all.");
}

std::vector<Member> Economy() {
  return {Required("value", MoneyAmount().Describe("What an acceptance is worth, such as {amount: "
                                                   "\"120.00\", currency: MXN}.")),
          Optional("learnValue",
                   Boolean().Default(false).Describe(
                       "Whether the value is learned from what acceptances say they were worth; "
                       "`value` counts as ten of them.")),
          Optional("cost", MoneyAmount().Describe("What one contact costs; nothing if absent.")),
          Optional("lever", Number().Range(0, 1000).Default(1).Describe(
                                "A factor on the value, by which the company leans towards it."))};
}

std::vector<Member> Life() {
  return {Optional("accept", Accept()), Optional("reject", Reject()), Optional("refund", Refund()),
          Optional("label", Enum({"accepted", "clicked"})
                                .Default("accepted")
                                .Describe("What its models learn to predict, and what `value` is "
                                          "the worth of: a click may be all there is to see.")),
          Optional("window", Span().Positive().Default("7d").Describe(
                                 "How long after the exposure an outcome counts."))};
}

void CheckAction(const base::Fields& spec, Findings& findings) {
  CheckLevel(spec, findings);
  const Reader action(spec);
  if (action.Bool("learnValue") && action.Text("label") == "clicked")
    findings.Error("conflict", "/spec/learnValue",
                   "acceptances say what they were worth, and clicks are what is predicted; leave "
                   "one of \"learnValue\" and \"label: clicked\" out");
}

}  // namespace

Kind ActionKind() {
  std::vector<Member> members = {
      Required("title", Text().Range(1, 200).Describe("What people call it.")),
      Optional("group", Reference("group").Describe("The group that it belongs to.")),
      Optional("class", Enum({"transactional", "service", "marketing"})
                            .Default("marketing")
                            .Describe("What it is for the person; policies differ by it.")),
      Optional("purpose", Name().Describe("The purpose that the person must have consented to.")),
      Optional("explore", Enum({"always", "never"})
                              .Default("always")
                              .Describe("Whether it may be shown in order to learn.")),
      Optional("quietHours", Enum({"drop", "defer", "redecide"})
                                 .Default("drop")
                                 .Describe("What becomes of it when the company speaks first and "
                                           "quiet hours forbid it: it is left out, chosen to be "
                                           "sent afterwards, or decided about afterwards.")),
      Optional("mandatory", Boolean().Default(false).Describe(
                                "Goes before all others whenever it is allowed."))};
  for (Member& member : LevelMembers()) members.push_back(std::move(member));
  for (Member& member : Economy()) members.push_back(std::move(member));
  for (Member& member : Life()) members.push_back(std::move(member));
  return {.name = "action",
          .plural = "actions",
          .description = "Something that the company can do for a person.",
          .spec = Object(std::move(members)),
          .check = CheckAction};
}

}  // namespace batuta::resource

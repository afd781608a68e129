#include <utility>

#include "resource/kind.h"
#include "resource/level_members.h"

namespace batuta::resource {
namespace {

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
                                 "How long after the exposure an outcome counts."))};
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
          .check = CheckLevel};
}

}  // namespace batuta::resource

#include "base/value.h"
#include "resource/kind.h"
#include "resource/reader.h"

namespace batuta::resource {
namespace {

void CheckPolicy(const base::Fields& spec, Findings& findings) {
  const Reader policy(spec);
  if (!policy.Has("cap") && !policy.Has("gap") && !policy.Has("suppress")) {
    findings.Error("missing_field", "/spec",
                   "the policy limits nothing: it needs \"cap\", \"gap\" or \"suppress\"");
  }
  if (!policy.Has("cap")) return;
  const Reader cap = policy.Object("cap");
  if (cap.Has("window") == cap.Has("per")) {
    findings.Error(cap.Has("per") ? "contradiction" : "missing_field", "/spec/cap",
                   "a cap counts a time that goes with now (\"window\", such as 7d) or a period of "
                   "the calendar (\"per\": day, week or month), one of the two");
  }
}

Schema DefaultClasses() {
  base::Value classes;
  *classes.mutable_list()->add_values() = base::TextValue("marketing");
  *classes.mutable_list()->add_values() = base::TextValue("service");
  return ListOf(Enum({"transactional", "service", "marketing"}))
      .Unique()
      .AtLeast(1)
      .Default(classes);
}

}  // namespace

Kind PolicyKind() {
  const Schema cap = Object(
      {Required("scope", Enum({"person", "action", "group", "channel", "placement"})
                             .Describe("What is counted together, per person.")),
       Required("max", Integer().Range(0, 1'000'000).Describe("How many contacts are allowed.")),
       Optional("window", Span().Positive().Describe("Within which time, such as 7d.")),
       Optional("per", Enum({"day", "week", "month"})
                           .Describe("Instead: in a period of the person's calendar."))});
  const Schema gap =
      Object({Required("scope", Enum({"person", "action", "group", "channel", "placement"})
                                    .Describe("Between contacts of what, per person.")),
              Required("least", Span().Positive().Describe("How long at least, such as 24h."))});
  const Schema suppress = Object(
      {Required("scope", Enum({"action", "group"}).Describe("What is not offered any more.")),
       Required("refusals", Integer().Range(1, 1000).Describe("After how many refusals.")),
       Required("for", Span().Positive().Describe("For how long, such as 30d.")),
       Optional("countIgnored", Boolean().Default(false).Describe(
                                    "Whether what was seen and ignored is a refusal too."))});
  return {.name = "policy",
          .plural = "policies",
          .description = "A rule that limits contact.",
          .spec = Object({Optional("cap", cap.Describe("At most so many contacts in a time.")),
                          Optional("gap", gap.Describe("A time between contacts.")),
                          Optional("suppress", suppress.Describe("A pause after refusals.")),
                          Optional("classes", DefaultClasses().Describe(
                                                  "The classes of actions that it limits."))}),
          .check = CheckPolicy};
}

}  // namespace batuta::resource

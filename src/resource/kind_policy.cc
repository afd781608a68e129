#include <algorithm>
#include <string>
#include <utility>

#include "base/text.h"
#include "base/value.h"
#include "resource/constraint_members.h"
#include "resource/kind.h"
#include "resource/reader.h"

namespace batuta::resource {
namespace {

constexpr const char* kLimits[] = {"cap",   "gap",      "suppress", "quiet",
                                   "block", "coolDown", "pressure", "preferChannel"};

void CheckCap(const Reader& cap, Findings& findings) {
  if (cap.Has("window") != cap.Has("per")) return;
  findings.Error(cap.Has("per") ? "contradiction" : "missing_field", "/spec/cap",
                 "a cap counts a time that goes with now (\"window\", such as 7d) or a period of "
                 "the calendar (\"per\": day, week or month), one of the two");
}

void CheckQuiet(const Reader& quiet, Findings& findings) {
  const std::vector<Reader> windows = quiet.Objects("windows");
  for (size_t i = 0; i < windows.size(); ++i) {
    if (windows[i].Text("from") != windows[i].Text("to")) continue;
    findings.Error("contradiction", base::StrCat("/spec/quiet/windows/", i, "/to"),
                   "\"to\" is the time that \"from\" is; for a whole day write from: \"00:00\", "
                   "to: \"24:00\"");
  }
}

void CheckPressure(const Reader& pressure, Findings& findings) {
  const std::vector<Reader> weights = pressure.Objects("weights");
  for (size_t i = 0; i < weights.size(); ++i) {
    const std::string pointer = base::StrCat("/spec/pressure/weights/", i);
    const std::string channel = weights[i].Text("channel");
    for (size_t j = 0; j < i; ++j) {
      if (weights[j].Text("channel") != channel) continue;
      findings.Error("duplicate", pointer + "/channel",
                     base::StrCat("the channel \"", channel, "\" has a weight already, at ",
                                  "\"weights[", j, "]\""));
    }
    if (weights[i].Number("weight") <= pressure.Number("max")) continue;
    findings.Error("contradiction", pointer + "/weight",
                   base::StrCat("one contact on \"", channel,
                                "\" weighs more than \"max\" allows, so that there could never be "
                                "one; say so by a cap of 0"));
  }
  const bool weighs_all = pressure.Number("max") >= 1;
  if (!weighs_all && weights.empty())
    findings.Error("contradiction", "/spec/pressure/max",
                   "one contact weighs 1, more than this allows, so that there could never be one");
}

void CheckPreferChannel(const Reader& policy, Findings& findings) {
  if (policy.Object("only").Texts("channels").empty()) return;
  findings.Error("contradiction", "/spec/only/channels",
                 "the channels that \"preferChannel\" compares stand in \"among\"; name channels "
                 "for other limits in a policy of their own");
}

void CheckPolicy(const base::Fields& spec, Findings& findings) {
  const Reader policy(spec);
  if (std::none_of(std::begin(kLimits), std::end(kLimits),
                   [&](const char* limit) { return policy.Has(limit); })) {
    findings.Error("missing_field", "/spec",
                   "the policy limits nothing: it needs \"cap\", \"gap\", \"suppress\", \"quiet\", "
                   "\"block\", \"coolDown\", \"pressure\" or \"preferChannel\"");
  }
  if (policy.Has("cap")) CheckCap(policy.Object("cap"), findings);
  if (policy.Has("quiet")) CheckQuiet(policy.Object("quiet"), findings);
  if (policy.Has("pressure")) CheckPressure(policy.Object("pressure"), findings);
  if (policy.Has("preferChannel")) CheckPreferChannel(policy, findings);
}

Schema Scope(std::string_view what) {
  return Enum({"person", "action", "group", "issue", "channel", "placement"}).Describe(what);
}

Schema Cap() {
  return Object(
      {Required("scope", Scope("What is counted together, per person.")),
       Required("max", Integer().Range(0, 1'000'000).Describe("How many contacts are allowed.")),
       Optional("window", Span().Positive().Describe("Within which time, such as 7d.")),
       Optional("per", Enum({"day", "week", "month"})
                           .Describe("Instead: in a period of the person's calendar."))});
}

Schema Suppress() {
  return Object(
      {Required("scope", Scope("What is not offered any more; person is all.")),
       Required("refusals", Integer().Range(1, 1000).Describe("After how many refusals.")),
       Required("for", Span().Positive().Describe("For how long, such as 30d.")),
       Optional("countIgnored",
                Boolean().Default(false).Describe("Whether what was seen and ignored is a refusal "
                                                  "too."))});
}

Schema Quiet() {
  constexpr char kClock[] = "([01][0-9]|2[0-3]):[0-5][0-9]";
  const Schema window =
      Object({Optional("days", ListOf(Enum({"mon", "tue", "wed", "thu", "fri", "sat", "sun"}))
                                   .Unique()
                                   .AtLeast(1)
                                   .Describe("On which days it begins; on all if absent.")),
              Required("from", Matching(kClock, "a time of the day, such as \"21:00\"")
                                   .Describe("From which local time on.")),
              Required("to", Matching(base::StrCat(kClock, "|24:00"),
                                      "a time of the day, such as \"08:00\", up to \"24:00\"")
                                 .Describe("Until which local time; of the next day if it is not "
                                           "later."))});
  return Object({Required("windows", ListOf(window).Range(1, 50).Describe("When it is quiet."))});
}

Schema CoolDown() {
  return Object(
      {Required("event", Text().Range(1, 200).Describe("The name of the event.")),
       Optional("where", RuleText().Describe("A rule on the event, as event.properties.…; all "
                                             "events of that name if absent.")),
       Required("for", Span().Positive().Describe("For how long, such as 14d."))});
}

Schema Pressure() {
  const Schema weight = Object(
      {Required("channel", Name().Describe("The channel.")),
       Required("weight", Number().Range(0, 1000).Describe("What a contact on it weighs."))});
  return Object(
      {Required("scope", Scope("What is counted together, per person.")),
       Required("halfLife", Span().Positive().Describe("After which time a contact weighs half.")),
       Required("max", Number().Range(0, 1'000'000).Describe("What all weigh together at most.")),
       Optional("weights", ListOf(weight).Range(1, 100).Describe(
                               "What a contact weighs by channel; 1 where nothing is said."))});
}

Schema PreferChannel() {
  return Object(
      {Required("among", ListOf(Name()).Unique().Range(2, 20).Describe("The channels that are "
                                                                       "compared.")),
       Optional("atLeast", Number().Range(0.01, 1).Default(0.5).Describe(
                               "What part of the rate on the best of them a channel needs.")),
       Optional("after", Integer().Range(1, 1000).Default(5).Describe(
                             "How many outcomes on a channel make it count, newer ones more.")),
       Optional("halfLife", Span().Positive().Default("30d").Describe(
                                "After which time an outcome counts half."))});
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
  const Schema gap =
      Object({Required("scope", Scope("Between contacts of what, per person.")),
              Required("least", Span().Positive().Describe("How long at least, such as 24h."))});
  const Schema block = Object({Required(
      "segment", Reference("segment").Describe("Whose members get nothing; it may be a list."))});
  return {
      .name = "policy",
      .plural = "policies",
      .description = "A rule that limits contact.",
      .spec = Object(
          {Optional("cap", Cap().Describe("At most so many contacts in a time.")),
           Optional("gap", gap.Describe("A time between contacts.")),
           Optional("suppress", Suppress().Describe("A pause after refusals.")),
           Optional("quiet", Quiet().Describe("Hours of the person's week in which the company "
                                              "does not speak first.")),
           Optional("block", block.Describe("People who get nothing.")),
           Optional("coolDown", CoolDown().Describe("A pause after an event.")),
           Optional("pressure", Pressure().Describe("Contacts that weigh less and less, together "
                                                    "at most so much.")),
           Optional("preferChannel",
                    PreferChannel().Describe("Nothing over a channel on which the person accepts "
                                             "much less than on another.")),
           Optional("classes", DefaultClasses().Describe("The classes of actions that it limits.")),
           Optional("only", SelectionSchema().Describe(
                                "What it limits and counts of these; all if absent."))}),
      .check = CheckPolicy};
}

}  // namespace batuta::resource

#include "base/text.h"
#include "base/value.h"
#include "resource/kind.h"
#include "resource/reader.h"

namespace batuta::resource {
namespace {

// Says which of `value` and `values` a comparison takes.
void CheckOperands(const Reader& condition, const std::string& pointer, Findings& findings) {
  const std::string is = condition.Text("is");
  const bool many = is == "in";
  const bool none = is == "exists" || is == "missing";
  const auto demand = [&](const std::string& member, bool wanted) {
    if (wanted == condition.Has(member)) return;
    if (wanted)
      findings.Error("missing_field", Child(pointer, member),
                     base::StrCat("\"", member, "\" is missing: \"", is, "\" needs it"));
    else
      findings.Error(
          "conflict", Child(pointer, member),
          base::StrCat(
              "\"", is, "\" does not take \"", member, "\"; ",
              none ? "leave it out" : base::StrCat("write \"", many ? "values" : "value", "\"")));
  };
  demand("value", !many && !none);
  demand("values", many);
  const base::Value* value = condition.Find("value");
  const bool ordered = is == "lt" || is == "le" || is == "gt" || is == "ge";
  if (ordered && value != nullptr && value->has_boolean())
    findings.Error("wrong_type", Child(pointer, "value"),
                   base::StrCat("\"", is, "\" compares numbers or texts, not true and false"));
}

void CheckAction(const base::Fields& spec, Findings& findings) {
  const Reader action(spec);
  const std::vector<Reader> conditions = action.Objects("eligible");
  for (int i = 0; i < static_cast<int>(conditions.size()); ++i)
    CheckOperands(conditions[static_cast<size_t>(i)], base::StrCat("/spec/eligible/", i), findings);
  if (action.Has("starts") && action.Has("ends") &&
      action.TimeField("starts") >= action.TimeField("ends"))
    findings.Error(
        "out_of_range", "/spec/ends",
        base::StrCat("\"ends\" must be later than \"starts\", which is ", action.Text("starts")));
}

Schema Condition() {
  return Object(
      {Required("trait", Text().Range(1, 200).Describe("The trait that is compared.")),
       Required("is", Enum({"eq", "ne", "lt", "le", "gt", "ge", "in", "exists", "missing"})
                          .Describe("How it is compared.")),
       Optional("value", Scalar().Describe("With what; for all but in, exists and missing.")),
       Optional("values",
                ListOf(Scalar()).Range(1, 1000).Unique().Describe("With one of what; for in."))});
}

std::vector<Member> Economy() {
  return {Required("value", MoneyAmount().Describe("What an acceptance is worth, such as {amount: "
                                                   "\"120.00\", currency: MXN}.")),
          Optional("cost", MoneyAmount().Describe("What one contact costs; nothing if absent.")),
          Optional("lever", Number().Range(0, 1000).Default(1).Describe(
                                "A factor on the value, by which the company leans towards it."))};
}

std::vector<Member> Life() {
  return {
      Optional("accept", Object({Required("event", Text().Range(1, 200).Describe(
                                                       "The name of the event that accepts it."))})
                             .Describe("An event that counts as acceptance of what was shown.")),
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
      Optional("eligible",
               ListOf(Condition()).AtMost(100).Describe("Conditions that must all hold.")),
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

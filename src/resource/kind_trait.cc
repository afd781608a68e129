#include "resource/kind.h"
#include "resource/reader.h"

namespace batuta::resource {
namespace {

void CheckTrait(const base::Fields& spec, Findings& findings) {
  const Reader trait(spec);
  const bool trusted = trait.Text("survivorship") == "mostTrusted";
  if (trusted && trait.Values("trust").empty())
    findings.Error(
        "missing_field", "/spec/trust",
        "\"trust\" is missing: mostTrusted needs the list of sources, the most trusted first");
  if (!trusted && trait.Has("trust"))
    findings.Error("conflict", "/spec/trust",
                   "\"trust\" has an effect with survivorship: mostTrusted only; leave it out");
}

}  // namespace

Kind TraitKind() {
  return {
      .name = "trait",
      .plural = "traits",
      .description = "A fact that sources state about a person, and whose word counts.",
      .spec = Object(
          {Optional("trait", Text().Range(1, 256).Describe(
                                 "The trait's name as events state it, where it is not that of "
                                 "the resource, such as firstName.")),
           Optional("type", Enum({"any", "text", "number", "boolean", "time", "list", "object"})
                                .Default("any")
                                .Describe("What values it has.")),
           Optional("survivorship",
                    Enum({"mostRecent", "mostTrusted", "mostFrequent", "first", "list"})
                        .Default("mostRecent")
                        .Describe("Which value stays when several are stated.")),
           Optional("where", RuleText().Describe(
                                 "A rule on each statement, as statement.value, .source and .time: "
                                 "only those for which it holds are heard.")),
           Optional("trust", ListOf(Reference("source"))
                                 .Unique()
                                 .Range(1, 1000)
                                 .Describe("For mostTrusted: sources, the most trusted first."))}),
      .check = CheckTrait};
}

}  // namespace batuta::resource

#include "resource/kind.h"
#include "resource/reader.h"

namespace batuta::resource {
namespace {

void CheckSegment(const base::Fields& spec, Findings& findings) {
  const Reader reader(spec);
  if (reader.Bool("list") && reader.Has("rule")) {
    findings.Error("conflict", "/spec/rule",
                   "a segment has a rule or is a list by upload, not both; leave one out");
  }
  if (!reader.Bool("list") && !reader.Has("rule")) {
    findings.Error("missing_field", "/spec/rule",
                   "\"rule\" is missing: who is in the segment; or say list: true and upload them");
  }
}

}  // namespace

Kind SegmentKind() {
  return {.name = "segment",
          .plural = "segments",
          .description = "A named, live set of people, defined by a rule or a list.",
          .spec = Object(
              {Optional("title", Text().Range(1, 200).Describe("What people call it.")),
               Optional("rule", Text().Range(1, 16'384).Describe(
                                    "Who is in it, in the language of rules, such as "
                                    "person.traits.plan == \"gold\".")),
               Optional("list",
                        Boolean().Describe("Who is in it is uploaded as a list of identifiers.")),
               Optional("purpose", Text().Range(1, 100).Describe(
                                       "What it is used for: limits the fields that the rule "
                                       "may read."))}),
          .check = CheckSegment};
}

}  // namespace batuta::resource

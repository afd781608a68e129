#include "resource/kind.h"

namespace batuta::resource {

Kind SegmentKind() {
  return {.name = "segment",
          .plural = "segments",
          .description = "A named, live set of people, defined by a rule.",
          .spec = Object(
              {Optional("title", Text().Range(1, 200).Describe("What people call it.")),
               Required("rule", Text().Range(1, 16'384).Describe(
                                    "Who is in it, in the language of rules, such as "
                                    "person.traits.plan == \"gold\".")),
               Optional("purpose", Text().Range(1, 100).Describe(
                                       "What it is used for: limits the fields that the rule "
                                       "may read."))})};
}

}  // namespace batuta::resource

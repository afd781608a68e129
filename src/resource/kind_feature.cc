#include "resource/kind.h"

namespace batuta::resource {

Kind FeatureKind() {
  return {
      .name = "feature",
      .plural = "features",
      .description = "A fact computed from what a person did, kept up to date on every event.",
      .spec = Object(
          {Optional("title", Text().Range(1, 200).Describe("What people call it.")),
           Optional("type", Enum({"any", "number", "integer", "text", "boolean", "time"})
                                .Default("any")
                                .Describe("What values it has; checked against the expression.")),
           Optional("unit",
                    Text().Range(1, 40).Describe("What it counts, such as orders or days.")),
           Optional("expression", Text().Range(1, 16384).Describe(
                                      "What it is, in the language of rules, such as "
                                      "events(\"Order Completed\").within(\"90d\").count(). May be "
                                      "left out under the name of a built-in feature."))})};
}

}  // namespace batuta::resource

#include "resource/kind.h"

namespace batuta::resource {

Kind HoldoutKind() {
  return {
      .name = "holdout",
      .plural = "holdouts",
      .description =
          "A share of the people that is treated differently, to measure what marketing is worth.",
      .spec = Object(
          {Required("percent",
                    Number().Range(0, 100).Describe("The share of the people, from 0 to 100.")),
           Optional("arm", Enum({"none", "random"})
                               .Default("none")
                               .Describe("What they get: no marketing at all, or a choice "
                                         "at random among what is allowed."))})};
}

}  // namespace batuta::resource

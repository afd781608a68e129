#include "resource/kind.h"

namespace batuta::resource {

Kind HubKind() {
  return {
      .name = "hub",
      .plural = "hubs",
      .description = "The company as a whole: its currency and its time zone.",
      .singleton = true,
      .spec = Object(
          {Required("currency", Matching("[A-Z]{3}", "3 capital letters, such as MXN")
                                    .Describe("The currency of all amounts, such as MXN.")),
           Required("timeZone", Matching("[A-Za-z0-9_+/-]{1,64}",
                                         "a zone of the tz database, such as America/Mexico_City")
                                    .Describe("The zone of people whose own is not known, such as "
                                              "America/Mexico_City."))})};
}

}  // namespace batuta::resource

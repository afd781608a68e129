#include "resource/kind.h"

namespace batuta::resource {

Kind SourceKind() {
  return {
      .name = "source",
      .plural = "sources",
      .description = "Where data comes from.",
      .spec = Object({Optional("title", Text().Range(1, 200).Describe("What people call it."))})};
}

}  // namespace batuta::resource

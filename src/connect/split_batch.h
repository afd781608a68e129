// Finds the events in a batch whose body as a whole is not JSON, so that one broken event does not
// take the others with it.
//
// Goes by quotes and brackets alone: what stands between two commas of the list is one event, be it
// JSON or not. Whoever takes the pieces has to parse them, and the envelope too.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace batuta::connect {

struct SplitBatch {
  std::string envelope;                  // the body with an empty list in the place of its batch
  std::vector<std::string_view> events;  // their texts, in the body
};

// Nothing if there is no list "batch" in the body's object, or a quote or bracket is not closed:
// then nobody can say where an event ends.
std::optional<SplitBatch> Split(std::string_view body);

}  // namespace batuta::connect

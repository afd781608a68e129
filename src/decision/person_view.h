// What the pipeline may see of a person: traits and consents, as they stand at the record.
//
// The engine implements it over the person's profile after survivorship; a replay implements it
// over a trace. What is read through it is written into the decision's trace.
#pragma once

#include <string_view>

#include "base/value.pb.h"
#include "decision/decision.pb.h"

namespace batuta::decision {

class PersonView {
 public:
  virtual ~PersonView() = default;
  // The value that survivorship chose, or null if there is none. A sealed value counts as present
  // and cannot be compared. Valid as long as the view.
  virtual const base::Value* Trait(std::string_view name) const = 0;
  virtual ConsentState Consent(std::string_view purpose, std::string_view channel) const = 0;
};

}  // namespace batuta::decision

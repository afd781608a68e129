// What the pipeline may see of a person, as it stands at the record: the attributes that rules read
// (variable `person`), and consents.
//
// The engine implements it over the person's row; a replay implements it over a trace. What is read
// through it is written into the decision's trace.
#pragma once

#include <string_view>

#include "decision/decision.pb.h"
#include "expr/activation.h"

namespace batuta::decision {

class PersonView : public expr::AttributeSource {
 public:
  virtual ConsentState Consent(std::string_view purpose, std::string_view channel) const = 0;
};

}  // namespace batuta::decision

// What the pipeline may see of a person, as it stands at the record: the attributes that rules read
// (variable `person`), consents and preferences.
//
// The engine implements it over the person's row; a replay implements it over a trace. What is read
// through it is written into the decision's trace.
#pragma once

#include <string_view>

#include "base/time.h"
#include "decision/decision.pb.h"
#include "expr/activation.h"

namespace batuta::decision {

// What the person has stated of a channel, a topic or a pause.
struct StatedPreference {
  bool refuses = false;   // they want none of it
  bool wants = false;     // they want it, if only as a wish
  base::Time until = {};  // of a pause that refuses: until when
};

class PersonView : public expr::AttributeSource {
 public:
  virtual ConsentState Consent(std::string_view purpose, std::string_view channel) const = 0;
  // What refuses is no wish but a command; `kind` is "channel", "topic" or "pause".
  virtual StatedPreference Preference(std::string_view kind, std::string_view name) const = 0;
};

}  // namespace batuta::decision

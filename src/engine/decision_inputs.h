// What the pipeline of decisions reads of a person and of their partition: the same for what is
// recorded and for what is only tried.
#pragma once

#include <string_view>
#include <vector>

#include "base/ids.h"
#include "decision/decide.h"
#include "engine/decision_person.h"
#include "engine/fold.h"
#include "engine/lease_rows.h"
#include "engine/row.pb.h"
#include "learn/models.h"
#include "rule/person.h"

namespace batuta::engine {

// Who is decided about, and how. All is borrowed.
struct DecisionSubject {
  base::PersonId person;
  const PersonRow& row;
  const rule::PersonState& state;  // of the row; its time is that of the decision
  base::DecisionId decision;
  const learn::ModelView& models;
};

// Must stay where it is made, and be gone before the fold applies anything. Identity counts as
// settled, and shortages are not noted, unless the inputs are changed.
class DecisionInputs {
 public:
  DecisionInputs(Fold& fold, const DecisionSubject& subject);
  DecisionInputs(const DecisionInputs&) = delete;
  DecisionInputs& operator=(const DecisionInputs&) = delete;

  decision::Inputs& inputs() { return inputs_; }

 private:
  const DecisionPerson view_;
  const LeaseRows leases_;
  decision::Inputs inputs_;
};

}  // namespace batuta::engine

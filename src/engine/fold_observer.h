// Who looks on while records are folded: for a simulation, which asks what would have been.
//
// Changes nothing, and is not told of what is only tried. Called on the fold's thread, within
// Apply(); what it is given is valid during the call.
#pragma once

#include "base/ids.h"
#include "decision/decision.pb.h"
#include "decision/open_decision.pb.h"
#include "engine/row.pb.h"
#include "rule/person.h"

namespace batuta::engine {

class Fold;

// The pipeline has answered; the answer is not recorded yet.
struct Decided {
  const base::PersonId& person;
  const PersonRow& row;
  const rule::PersonState& state;  // of the row
  const decision::DecisionRequest& request;
  const decision::Decision& made;
};

class FoldObserver {
 public:
  virtual ~FoldObserver() = default;
  virtual void OnDecided(Fold& fold, const Decided& decided) = 0;
  // The life of some of its choices has begun, or gone on.
  virtual void OnLife(const decision::OpenDecision& open) = 0;
};

}  // namespace batuta::engine

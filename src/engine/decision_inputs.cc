#include "engine/decision_inputs.h"

#include "engine/person_traits.h"

namespace batuta::engine {

DecisionInputs::DecisionInputs(Fold& fold, const DecisionSubject& subject)
    : view_(fold.definitions(), *fold.tables(), subject.state, &fold.definitions().plan),
      leases_(fold.definitions(), fold.state(),
              {.partition = base::Index(fold.settings().partition),
               .partitions = fold.settings().partitions}),
      inputs_{.catalogue = *fold.definitions().catalogue,
              .models = subject.models,
              .person = view_,
              .contacts = subject.row.contacts(),
              .decision = subject.decision,
              .person_id = subject.person,
              .now = subject.state.now,
              .zone = MomentOf(fold.definitions(), subject.row.profile(), subject.state.now).zone,
              .hub_seed = fold.settings().hub_seed,
              .holdouts = &subject.row.holdouts(),
              .leases = &leases_} {}

}  // namespace batuta::engine

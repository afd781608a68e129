#include "engine/dry_run.h"

#include "base/status.h"
#include "decision/decide.h"
#include "engine/decision_person.h"
#include "engine/lease_rows.h"
#include "engine/person_traits.h"

namespace batuta::engine {

absl::Status DryRun(Fold& fold, const DryRunAsk& ask, decision::Decision& made) {
  BATUTA_CHECK(ask.request.dry_run());
  const Definitions& definitions = fold.definitions();
  const DecisionPerson view(definitions, *fold.tables(), ask.state, &definitions.plan);
  const LeaseRows leases(definitions, fold.state());
  return decision::Decide(
      ask.request,
      {.catalogue = *definitions.catalogue,
       .models = ask.models,
       .person = view,
       .contacts = ask.row.contacts(),
       .decision = {fold.settings().partition, base::RecordId::FromBytes(ask.request.request_id())},
       .person_id = ask.person,
       .now = ask.state.now,
       .zone = MomentOf(definitions, ask.row.profile(), ask.state.now).zone,
       .hub_seed = fold.settings().hub_seed,
       .holdouts = &ask.row.holdouts(),
       .leases = &leases},
      made);
}

}  // namespace batuta::engine

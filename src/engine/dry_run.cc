#include "engine/dry_run.h"

#include "base/status.h"
#include "decision/decide.h"
#include "engine/decision_inputs.h"

namespace batuta::engine {

absl::Status DryRun(Fold& fold, const DryRunAsk& ask, decision::Decision& made) {
  BATUTA_CHECK(ask.request.dry_run());
  DecisionInputs inputs(fold, {.person = ask.person,
                               .row = ask.row,
                               .state = ask.state,
                               .decision = {fold.settings().partition,
                                            base::RecordId::FromBytes(ask.request.request_id())},
                               .models = ask.models});
  return decision::Decide(ask.request, inputs.inputs(), made);
}

}  // namespace batuta::engine

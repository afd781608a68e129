#include "decision/imported.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "decision/offered.h"
#include "decision/pipeline.h"
#include "decision/situation.h"
#include "learn/forest_models.h"
#include "policy/contacts.h"

namespace batuta::decision {
namespace {

bool WasShown(const Imported& imported) { return imported.outcome() >= policy::EXPOSED; }

void FillChosen(const Imported& imported, const Catalogue& catalogue, Chosen& chosen) {
  chosen.set_probability(imported.probability());
  if (imported.action().empty()) {
    chosen.set_nothing(true);
    return;
  }
  chosen.set_action(imported.action());
  const Action* action = catalogue.FindAction(imported.action());
  if (action == nullptr) {
    chosen.set_action_class(policy::MARKETING);
    return;
  }
  chosen.set_group(action->group);
  chosen.set_issue(action->issue);
  chosen.set_action_class(action->action_class);
}

}  // namespace

absl::Status Recount(const DecisionRequest& request, const Inputs& inputs, Decision& decision) {
  const Placement* placement = inputs.catalogue.FindPlacement(request.placement());
  if (placement == nullptr) {
    return absl::NotFoundError(base::StrCat("there is no placement ", request.placement()));
  }
  Begin(request, *placement, inputs, decision);
  const Imported& imported = request.imported();
  *decision.mutable_imported() = imported;
  decision.set_log_time(std::min(imported.time(), inputs.now.micros));
  Chosen& chosen = *decision.add_chosen();
  FillChosen(imported, inputs.catalogue, chosen);
  decision.set_slate_probability(imported.probability());
  if (chosen.nothing()) return absl::OkStatus();
  const Model* model = inputs.catalogue.FindModel(placement->model);
  if (model != nullptr && model->ReadsPeople()) {
    const Situation situation(inputs.person, &request.context(), inputs.now,
                              inputs.catalogue.texts(), nullptr);
    StagePredictors(*model, inputs.catalogue, situation, inputs.models, decision);
    ReadOffered(*model, inputs.catalogue.FindAction(chosen.action()), inputs.models, decision);
  }
  const learn::ForestModels models(inputs.models,
                                   model == nullptr ? nullptr : model->forests.get());
  const learn::Opinion opinion =
      models.Judge(chosen.action(), placement->name, decision.predictors());
  chosen.set_propensity(opinion.belief.alpha / (opinion.belief.alpha + opinion.belief.beta));
  if (opinion.is_adaptive) chosen.set_score(opinion.score);
  return absl::OkStatus();
}

Effects TakeImported(const Decision& decision, policy::ContactState& contacts) {
  Effects effects;
  const Imported& imported = decision.imported();
  const Chosen& chosen = decision.chosen(0);
  if (chosen.nothing()) return effects;
  const int64_t ended = std::max(imported.ended_at(), decision.log_time());
  policy::Contact contact = ContactOf(decision, chosen, /*slot=*/0);
  contact.set_stage(imported.outcome());
  if (WasShown(imported)) contact.set_exposed_at(decision.log_time());
  if (imported.outcome() != policy::EXPOSED) contact.set_ended_at(ended);
  policy::AddContact(contacts, std::move(contact));
  if (imported.outcome() <= policy::EXPOSED) return effects;
  learn::TrainingMessage message;
  message.set_action(chosen.action());
  message.set_placement(decision.placement());
  message.set_level(learn::ACCEPTED_LEVEL);
  message.set_positive(imported.outcome() == policy::ACCEPTED);
  message.set_weight_micros(1'000'000);
  message.set_example_time(decision.log_time());
  message.set_decision(decision.id());
  message.set_predicted(chosen.propensity());
  message.set_probability(chosen.probability());
  if (decision.has_predictors()) *message.mutable_values() = decision.predictors();
  if (chosen.has_score()) message.set_score(chosen.score());
  effects.training.push_back(std::move(message));
  return effects;
}

}  // namespace batuta::decision

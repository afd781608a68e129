#include "decision/decide.h"

#include <memory>
#include <string>

#include "base/encoding.h"
#include "base/message_fields.h"
#include "base/random.h"
#include "base/status.h"
#include "base/text.h"
#include "decision/decision_rules.h"
#include "decision/holdouts.h"
#include "decision/offered.h"
#include "decision/packed_candidates.h"
#include "decision/packed_readings.h"
#include "decision/pipeline.h"
#include "decision/situation.h"
#include "google/protobuf/arena.h"
#include "policy/caps.h"

namespace batuta::decision {
namespace {

void SetExploration(const DecisionRequest& request, const ChoiceSettings& settings,
                    uint64_t examples, Exploration& out) {
  if (request.greedy()) return out.set_method(GREEDY);
  out.set_method(settings.method);
  out.set_floor(settings.floor);
  if (settings.method == THOMPSON) out.set_draws(settings.draws);
  if (settings.method != SQUARECB) return;
  out.set_gamma_scale(settings.gamma_scale);
  out.set_gamma_exponent(settings.gamma_exponent);
  out.set_examples(examples);
}

}  // namespace

void Begin(const DecisionRequest& request, const Placement& placement, const Inputs& inputs,
           Decision& decision) {
  decision.set_id(inputs.decision.ToBytes());
  decision.set_person(inputs.person_id.ToBytes());
  decision.set_placement(placement.name);
  decision.set_channel(placement.channel);
  decision.set_identity(inputs.identity);
  decision.set_dry_run(request.dry_run());
  decision.set_definitions_version(inputs.catalogue.version());
  decision.set_model_version(inputs.models.version());
  decision.set_engine_version(std::string(kEngineVersion));
  decision.set_log_time(inputs.now.micros);
  decision.set_currency(base::FormatCurrency(inputs.catalogue.currency()));
}

absl::StatusOr<Decision> Decide(const DecisionRequest& request, const Inputs& inputs) {
  Decision decision;
  BATUTA_RETURN_IF_ERROR(Decide(request, inputs, decision));
  return decision;
}

absl::Status Decide(const DecisionRequest& request, const Inputs& inputs, Decision& decision) {
  const Placement* placement = inputs.catalogue.FindPlacement(request.placement());
  if (placement == nullptr) {
    return absl::NotFoundError(base::StrCat("there is no placement ", request.placement()));
  }
  if (request.slots() > placement->slots) {
    return absl::InvalidArgumentError(
        base::StrCat(placement->name, " has ", placement->slots, " slots, not ", request.slots()));
  }
  Begin(request, *placement, inputs, decision);
  Trace& trace = *decision.mutable_trace();
  // A seed of its own lets a replay draw again without knowing the hub's.
  base::Random random(inputs.hub_seed, inputs.decision.record, "decision", "");
  trace.set_seed(random.Bits());
  const HoldoutDraw draw{
      .person = inputs.person_id, .hub_seed = inputs.hub_seed, .met = inputs.holdouts};
  ReadHoldouts(inputs.catalogue.holdouts(), draw, trace);
  Gather(*placement, inputs.now, trace);
  ReadExclusives(inputs.catalogue.exclusivities(), inputs.now, decision);
  *trace.mutable_only() = request.only();
  SetExploration(request, placement->choice, inputs.models.PlacementExamples(placement->name),
                 *trace.mutable_exploration());

  const policy::Policies& policies = inputs.catalogue.policies();
  const Situation situation(inputs.person, &request.context(), inputs.now, inputs.catalogue.texts(),
                            &trace);
  DecisionRules rules(inputs.catalogue.attributes(), situation);
  const PersonLookups lookups({.catalogue = inputs.catalogue,
                               .rules = rules,
                               .person = &inputs.person,
                               .models = &inputs.models});
  const policy::ContactHistory contacts(policies, inputs.contacts, inputs.now, inputs.zone,
                                        &lookups);
  const RecordingHistory history(policies, contacts, inputs.now);
  const Model* model = inputs.catalogue.FindModel(placement->model);
  const learn::ForestModels trees(inputs.models, model == nullptr ? nullptr : model->forests.get());
  Run run{.decision = decision,
          .policies = policies,
          .history = history,
          .models = trees,
          .request = inputs.decision.record,
          .now = inputs.now,
          .slots = request.slots() == 0 ? placement->slots : request.slots(),
          .shortages = inputs.shortages};
  if (model != nullptr && model->ReadsPeople()) {
    const Situation unwritten(inputs.person, &request.context(), inputs.now,
                              inputs.catalogue.texts(), nullptr);
    StagePredictors(*model, inputs.catalogue, unwritten, inputs.models, decision);
    StageOffered(inputs.catalogue, *placement, inputs.now, decision);
  }
  StageRules(*placement, rules, run);
  StageConsent(*placement, inputs.person, run);
  StagePreference(*placement, inputs.person, run);
  if (inputs.leases != nullptr) {
    ReadLeases(inputs.catalogue.constraints(), *inputs.leases, decision);
  }
  RunFromPolicies(run);
  history.WriteTo(trace);
  return absl::OkStatus();
}

std::string Serialize(Decision& decision) {
  std::string bytes;
  if (decision.trace().candidates().empty()) {
    BATUTA_CHECK(decision.SerializeToString(&bytes));
    return bytes;
  }
  google::protobuf::Arena* arena = decision.GetArena();
  const std::unique_ptr<Trace> owned = arena == nullptr ? std::make_unique<Trace>() : nullptr;
  // Of the same arena, so that nothing is copied.
  Trace& aside = arena == nullptr ? *owned : *google::protobuf::Arena::CreateMessage<Trace>(arena);
  Trace& trace = *decision.mutable_trace();
  base::ByteWriter packed;
  packed.Bytes(PackCandidates(trace));
  packed.Raw(PackReadings(trace));
  trace.set_packed(packed.Take());
  aside.mutable_candidates()->Swap(trace.mutable_candidates());
  MoveReadings(trace, aside);
  BATUTA_CHECK(decision.SerializeToString(&bytes));
  aside.mutable_candidates()->Swap(trace.mutable_candidates());
  MoveReadingsBack(aside, trace);
  trace.clear_packed();
  return bytes;
}

std::string Serialize(const Decision& decision) {
  google::protobuf::Arena arena;
  auto& copy = *google::protobuf::Arena::CreateMessage<Decision>(&arena);
  copy = decision;
  return Serialize(copy);
}

bool Parse(std::string_view bytes, Decision& decision) {
  if (!decision.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return false;
  if (decision.trace().packed().empty()) return true;
  Trace& trace = *decision.mutable_trace();
  if (!trace.candidates().empty()) return false;
  const std::string packed = std::move(*trace.mutable_packed());
  base::ByteReader in(packed);
  const std::string_view candidates = in.Bytes();
  if (!in.ok() || !UnpackCandidates(candidates, trace)) return false;
  if (!UnpackReadings(in.rest(), trace)) return false;
  trace.clear_packed();
  return true;
}

bool ParseWithoutTrace(std::string_view bytes, Decision& decision) {
  base::MessageFields fields(bytes);
  size_t begin = bytes.size();
  size_t end = bytes.size();
  while (fields.Next()) {
    if (fields.number() == Decision::kTraceFieldNumber) {
      begin = fields.begin();
    } else if (begin < bytes.size()) {
      end = fields.begin();
      break;
    }
  }
  return fields.ok() && decision.ParseFromArray(bytes.data(), static_cast<int>(begin)) &&
         decision.MergeFromString(std::string(bytes.substr(end)));
}

}  // namespace batuta::decision

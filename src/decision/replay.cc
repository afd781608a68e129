#include "decision/replay.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/text.h"
#include "decision/decide.h"
#include "decision/decision_rules.h"
#include "decision/offered.h"
#include "decision/pipeline.h"
#include "decision/situation.h"
#include "decision/traced.h"
#include "google/protobuf/arena.h"

namespace batuta::decision {
namespace {

// Enough for a decision among twenty candidates at once.
google::protobuf::ArenaOptions ArenaSettings() {
  google::protobuf::ArenaOptions options;
  options.start_block_size = size_t{24} << 10;
  return options;
}

policy::Policies TracedPolicies(const Trace& trace) {
  std::vector<policy::Policy> all;
  for (const PolicyTrace& traced : trace.policies()) {
    policy::Policy& policy = all.emplace_back(
        policy::Policy{.name = traced.name(),
                       .kind = static_cast<policy::PolicyKind>(traced.kind()),
                       .scope = static_cast<policy::Scope>(traced.scope()),
                       .limit = traced.limit(),
                       .window = base::Duration{traced.window()},
                       .calendar = static_cast<policy::Calendar>(traced.calendar()),
                       .classes = policy::Classes(traced.classes()),
                       .only = SelectionOf(traced.only()),
                       .counts_ignored = traced.counts_ignored(),
                       .subject = traced.subject(),
                       .half_life = base::Duration{traced.half_life()},
                       .after = traced.after()});
    for (const ChannelWeight& weight : traced.weights()) {
      policy.weights.push_back({weight.channel(), weight.weight()});
    }
  }
  return policy::Policies(std::move(all));
}

// The candidate before policies: as the stages that need definitions left it.
CandidateTrace BeforePolicies(const CandidateTrace& made) {
  CandidateTrace candidate = made;
  candidate.clear_alpha();
  candidate.clear_beta();
  candidate.clear_net_value();
  candidate.clear_not_before();
  candidate.clear_score();
  candidate.clear_maturity();
  candidate.clear_contributions();
  candidate.clear_boosts();
  candidate.clear_natural();
  candidate.clear_natural_score();
  candidate.clear_valued();
  candidate.clear_worth();
  if (made.has_declared_micros()) candidate.set_value_micros(made.declared_micros());
  static constexpr Reason kLater[] = {
      NOT_ASKED,      SUPPRESSED,   CAPPED,   TOO_SOON,  QUIET, BLOCKED,  COOLING_DOWN,
      UNDER_PRESSURE, LESS_WELCOME, HELD_OUT, EXHAUSTED, PACED, EXCLUSIVE};
  const bool later =
      std::find(std::begin(kLater), std::end(kLater), made.reason()) != std::end(kLater);
  if (later) {
    candidate.clear_stage();
    candidate.clear_reason();
    candidate.clear_operands();
  }
  return candidate;
}

}  // namespace

absl::StatusOr<std::string> Replay(const Decision& decision) {
  if (const absl::Status status = CheckUsable(decision); !status.ok()) return status;
  google::protobuf::Arena arena(ArenaSettings());
  Decision& again = *google::protobuf::Arena::CreateMessage<Decision>(&arena);
  Outline(decision, again);
  Trace& trace = *again.mutable_trace();
  *trace.mutable_values() = decision.trace().values();
  *trace.mutable_consents() = decision.trace().consents();
  *trace.mutable_preferences() = decision.trace().preferences();
  *trace.mutable_slate_limits() = decision.trace().slate_limits();
  *trace.mutable_exclusives() = decision.trace().exclusives();
  trace.set_outbound(decision.trace().outbound());
  trace.set_incremental(decision.trace().incremental());
  for (const CandidateTrace& candidate : decision.trace().candidates()) {
    *trace.add_candidates() = BeforePolicies(candidate);
  }
  const policy::Policies policies = TracedPolicies(decision.trace());
  const base::Time now{decision.log_time()};
  const TracedHistory traced(policies, decision);
  const RecordingHistory history(policies, traced, now);
  const TracedModels models(decision);
  Run run{.decision = again,
          .policies = policies,
          .history = history,
          .models = models,
          .request = base::DecisionId::FromBytes(decision.id()).record,
          .now = now,
          .slots = static_cast<uint32_t>(decision.chosen_size())};
  RunFromPolicies(run);
  history.WriteTo(trace);
  return Serialize(again);
}

absl::StatusOr<std::string> Replay(const Decision& decision, const Catalogue& catalogue) {
  if (const absl::Status status = CheckUsable(decision); !status.ok()) return status;
  if (decision.definitions_version() != catalogue.version()) {
    return absl::FailedPreconditionError(base::StrCat("the decision was made with definitions ",
                                                      decision.definitions_version(),
                                                      "; these are ", catalogue.version()));
  }
  const Placement* placement = catalogue.FindPlacement(decision.placement());
  if (placement == nullptr) {
    return absl::InvalidArgumentError(
        base::StrCat("the definitions have no placement ", decision.placement()));
  }
  google::protobuf::Arena arena(ArenaSettings());
  Decision& again = *google::protobuf::Arena::CreateMessage<Decision>(&arena);
  Outline(decision, again);
  Trace& trace = *again.mutable_trace();
  const base::Time now{decision.log_time()};
  const TracedPerson person(decision.trace(), catalogue.texts());
  const Situation situation(person, nullptr, now, catalogue.texts(), &trace);
  DecisionRules rules(catalogue.attributes(), situation);
  const PersonLookups lookups({.catalogue = catalogue, .rules = rules});
  const TracedHistory traced(catalogue.policies(), decision, &lookups);
  const RecordingHistory history(catalogue.policies(), traced, now);
  const TracedModels models(decision);
  Run run{.decision = again,
          .policies = catalogue.policies(),
          .history = history,
          .models = models,
          .request = base::DecisionId::FromBytes(decision.id()).record,
          .now = now,
          .slots = static_cast<uint32_t>(decision.chosen_size())};
  Gather(*placement, now, trace);
  StageOffered(catalogue, *placement, now, again);
  ReadExclusives(catalogue.exclusivities(), now, again);
  StageRules(*placement, rules, run);
  StageConsent(*placement, person, run);
  StagePreference(*placement, person, run);
  RunFromPolicies(run);
  history.WriteTo(trace);
  return Serialize(again);
}

}  // namespace batuta::decision

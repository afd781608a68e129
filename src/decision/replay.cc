#include "decision/replay.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/text.h"
#include "decision/decide.h"
#include "decision/holdouts.h"
#include "decision/pipeline.h"
#include "decision/situation.h"
#include "rule/explain.h"
#include "rule/person.h"

namespace batuta::decision {
namespace {

// The person and the context as the trace saw them.
class TracedPerson : public PersonView {
 public:
  TracedPerson(const Trace& trace, const rule::AggregateTexts& texts)
      : trace_(trace), texts_(texts) {}

  expr::Value Read(const expr::Attribute& attribute, expr::Scratch&) const override {
    return Find(rule::NameIn(texts_, attribute.Name()));
  }
  expr::Value Lookup(std::string_view table, std::string_view key, expr::Scratch&) const override {
    return Find(expr::LookedUp{std::string(table), std::string(key), {}}.Name());
  }

  ConsentState Consent(std::string_view purpose, std::string_view) const override {
    for (const ConsentRead& read : trace_.consents()) {
      if (read.purpose() == purpose) return read.state();
    }
    return CONSENT_UNKNOWN;
  }

 private:
  expr::Value Find(std::string_view path) const {
    for (const rule::Seen& seen : trace_.values()) {
      if (seen.path() == path) return rule::ValueOf(seen);
    }
    return rule::Absent(/*is_last=*/true);
  }

  const Trace& trace_;
  const rule::AggregateTexts& texts_;
};

// The published models as the trace saw them.
class TracedModels : public learn::ModelView {
 public:
  explicit TracedModels(const Decision& decision) : decision_(decision) {}

  uint64_t version() const override { return decision_.model_version(); }

  learn::Belief Find(std::string_view action, std::string_view) const override {
    for (const CandidateTrace& candidate : decision_.trace().candidates()) {
      if (candidate.action() == action && candidate.alpha() > 0 && candidate.beta() > 0) {
        return {.alpha = candidate.alpha(), .beta = candidate.beta()};
      }
    }
    return {};
  }

  uint64_t PlacementExamples(std::string_view) const override {
    return decision_.trace().exploration().examples();
  }

 private:
  const Decision& decision_;
};

// The times that policies counted, as the trace saw them.
class TracedHistory : public policy::History {
 public:
  TracedHistory(const policy::Policies& policies, const Decision& decision) {
    rows_.resize(policies.all().size());
    ends_.resize(policies.all().size(), base::kDistantFuture);
    for (size_t i = 0; i < rows_.size(); ++i) {
      const policy::Policy& policy = policies.all()[i];
      for (const PolicyTrace& traced : decision.trace().policies()) {
        if (traced.name() != policy.name || traced.kind() != static_cast<uint32_t>(policy.kind)) {
          continue;
        }
        for (const PolicyReading& reading : traced.readings()) AddRow(i, reading, decision);
        if (traced.calendar() == 0) continue;
        ends_[i] = base::Time{decision.log_time()} + base::Duration{traced.ends_in()};
      }
    }
  }

  absl::Span<const base::Time> Times(size_t policy, std::string_view scope_value) const override {
    for (const Row& row : rows_.at(policy)) {
      if (row.scope_value == scope_value) return row.times;
    }
    return {};
  }
  base::Time EndOf(size_t policy) const override { return ends_.at(policy); }

 private:
  struct Row {
    std::string scope_value;
    std::vector<base::Time> times;
  };

  void AddRow(size_t policy, const PolicyReading& reading, const Decision& decision) {
    Row& row = rows_[policy].emplace_back(Row{reading.scope_value(), {}});
    for (const int64_t age : reading.ages()) {
      row.times.push_back(base::Time{decision.log_time()} - base::Duration{age});
    }
  }

  std::vector<std::vector<Row>> rows_;  // by policy
  std::vector<base::Time> ends_;        // parallel
};

policy::Policies TracedPolicies(const Trace& trace) {
  std::vector<policy::Policy> all;
  for (const PolicyTrace& traced : trace.policies()) {
    all.push_back({.name = traced.name(),
                   .kind = static_cast<policy::PolicyKind>(traced.kind()),
                   .scope = static_cast<policy::Scope>(traced.scope()),
                   .limit = traced.limit(),
                   .window = base::Duration{traced.window()},
                   .calendar = static_cast<policy::Calendar>(traced.calendar()),
                   .classes = policy::Classes(traced.classes()),
                   .counts_ignored = traced.counts_ignored()});
  }
  return policy::Policies(std::move(all));
}

bool HasSoundPolicies(const Trace& trace) {
  for (const PolicyTrace& policy : trace.policies()) {
    const bool cap = policy.kind() == 1;
    if (policy.kind() < 1 || policy.kind() > 3 || policy.calendar() > 3) return false;
    if (policy.calendar() != 0 && (!cap || policy.ends_in() <= 0)) return false;
    if (policy.scope() < 1 || policy.scope() > 5 || policy.window() <= 0) return false;
    if (policy.limit() < (cap ? 0 : 1)) return false;
    for (const PolicyReading& reading : policy.readings()) {
      if (!std::is_sorted(reading.ages().rbegin(), reading.ages().rend())) return false;
    }
  }
  return true;
}

absl::Status CheckUsable(const Decision& decision) {
  if (decision.engine_version() != kEngineVersion) {
    return absl::FailedPreconditionError(base::StrCat("the decision was made by engine version ",
                                                      decision.engine_version(), "; this is ",
                                                      kEngineVersion));
  }
  const Exploration& exploration = decision.trace().exploration();
  const bool floor = exploration.floor() >= 0 && exploration.floor() <= 1;
  const bool method = exploration.method() == SQUARECB || exploration.method() == GREEDY ||
                      (exploration.method() == THOMPSON && exploration.draws() > 0);
  const bool gamma = exploration.gamma_scale() >= 0;
  if (decision.id().size() != 18 || decision.person().size() != 19 || decision.chosen_size() < 1 ||
      !floor || !method || !gamma || !HasSoundPolicies(decision.trace())) {
    return absl::InvalidArgumentError("the decision's trace is damaged");
  }
  return absl::OkStatus();
}

// What a decision states about itself, without anything that the pipeline makes.
Decision Outline(const Decision& made) {
  Decision again = made;
  again.clear_chosen();
  again.clear_slate_probability();
  again.clear_holdout();
  again.clear_arm();
  again.clear_trace();
  Trace& trace = *again.mutable_trace();
  trace.set_seed(made.trace().seed());
  *trace.mutable_holdouts() = made.trace().holdouts();
  *trace.mutable_exploration() = made.trace().exploration();
  return again;
}

// The candidate before policies: as the stages that need definitions left it.
CandidateTrace BeforePolicies(const CandidateTrace& made) {
  CandidateTrace candidate = made;
  candidate.clear_alpha();
  candidate.clear_beta();
  candidate.clear_net_value();
  const bool later = made.reason() == SUPPRESSED || made.reason() == CAPPED ||
                     made.reason() == TOO_SOON || made.reason() == HELD_OUT;
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
  Decision again = Outline(decision);
  Trace& trace = *again.mutable_trace();
  *trace.mutable_values() = decision.trace().values();
  *trace.mutable_consents() = decision.trace().consents();
  *trace.mutable_slate_limits() = decision.trace().slate_limits();
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
  ApplyHoldouts(again);
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
  Decision again = Outline(decision);
  Trace& trace = *again.mutable_trace();
  const base::Time now{decision.log_time()};
  const TracedHistory traced(catalogue.policies(), decision);
  const RecordingHistory history(catalogue.policies(), traced, now);
  const TracedModels models(decision);
  const TracedPerson person(decision.trace(), catalogue.texts());
  Run run{.decision = again,
          .policies = catalogue.policies(),
          .history = history,
          .models = models,
          .request = base::DecisionId::FromBytes(decision.id()).record,
          .now = now,
          .slots = static_cast<uint32_t>(decision.chosen_size())};
  ApplyHoldouts(again);
  Gather(*placement, now, trace);
  const Situation situation(person, nullptr, now, catalogue.texts(), trace);
  StageRules(catalogue, *placement, situation, run);
  StageConsent(*placement, person, run);
  RunFromPolicies(run);
  history.WriteTo(trace);
  return Serialize(again);
}

}  // namespace batuta::decision

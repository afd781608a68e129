#include "decision/replay.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/text.h"
#include "decision/decide.h"
#include "decision/decision_rules.h"
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

  StatedPreference Preference(std::string_view kind, std::string_view name) const override {
    for (const PreferenceRead& read : trace_.preferences()) {
      if (read.kind() == kind && read.name() == name) return {true, base::Time{read.until()}};
    }
    return {};
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

  learn::Opinion Judge(std::string_view action, std::string_view,
                       const learn::PredictorValues&) const override {
    for (const CandidateTrace& candidate : decision_.trace().candidates()) {
      if (candidate.action() != action || candidate.alpha() <= 0 || candidate.beta() <= 0) continue;
      learn::Opinion opinion{.belief = {.alpha = candidate.alpha(), .beta = candidate.beta()},
                             .is_adaptive = candidate.has_score(),
                             .score = candidate.score(),
                             .maturity = candidate.maturity()};
      for (const int32_t thousandths : candidate.contributions()) {
        opinion.contributions.push_back(thousandths / 1000.0);
      }
      return opinion;
    }
    return {};
  }

  bool NamesSymbol(std::string_view, uint64_t) const override { return true; }

  uint64_t PlacementExamples(std::string_view) const override {
    return decision_.trace().exploration().examples();
  }

 private:
  const Decision& decision_;
};

// What policies asked for, as the trace saw it; but for blocks and cool-downs where `holds` can
// tell of them, from what their rules read.
class TracedHistory : public policy::History {
 public:
  TracedHistory(const policy::Policies& policies, const Decision& decision,
                const policy::Holds* holds = nullptr)
      : now_(base::Time{decision.log_time()}), holds_(holds) {
    for (const policy::Policy& policy : policies.all()) {
      Entry& entry = entries_.emplace_back();
      for (const PolicyTrace& traced : decision.trace().policies()) {
        const bool is_it =
            traced.name() == policy.name && traced.kind() == static_cast<uint32_t>(policy.kind);
        if (is_it) Read(traced, entry);
      }
    }
  }

  absl::Span<const base::Time> Times(size_t policy, std::string_view scope_value) const override {
    const Row* row = Find(policy, scope_value);
    return row == nullptr ? absl::Span<const base::Time>() : row->times;
  }
  absl::Span<const int64_t> Weights(size_t policy, std::string_view scope_value) const override {
    const Row* row = Find(policy, scope_value);
    return row == nullptr ? absl::Span<const int64_t>() : row->weights;
  }
  base::Time EndOf(size_t policy) const override { return entries_.at(policy).ends; }
  base::Time QuietUntil(size_t policy, base::Time at) const override {
    if (entries_.at(policy).traced == nullptr) return at;
    for (const QuietReading& reading : entries_.at(policy).traced->quiet()) {
      if (now_ + base::Duration{reading.asked_in()} != at) continue;
      return reading.ends_in() < 0 ? base::kDistantFuture
                                   : now_ + base::Duration{reading.ends_in()};
    }
    return at;
  }
  policy::Hold HoldOf(size_t policy) const override {
    if (holds_ != nullptr) return holds_->Of(policy);
    const PolicyTrace* traced = entries_.at(policy).traced;
    if (traced == nullptr || !traced->holds()) return {};
    if (traced->held_for() == 0) return {.holds = true};
    return {.holds = true, .until = now_ + base::Duration{traced->held_for()}};
  }

 private:
  struct Row {
    std::string scope_value;
    std::vector<base::Time> times;
    std::vector<int64_t> weights;
  };
  struct Entry {
    const PolicyTrace* traced = nullptr;  // null: nothing was asked of it
    std::vector<Row> rows = {};
    base::Time ends = base::kDistantFuture;
  };

  void Read(const PolicyTrace& traced, Entry& entry) const {
    entry.traced = &traced;
    if (traced.calendar() != 0) entry.ends = now_ + base::Duration{traced.ends_in()};
    for (const PolicyReading& reading : traced.readings()) {
      Row& row = entry.rows.emplace_back(
          Row{reading.scope_value(), {}, {reading.weights().begin(), reading.weights().end()}});
      for (const int64_t age : reading.ages()) row.times.push_back(now_ - base::Duration{age});
    }
  }
  const Row* Find(size_t policy, std::string_view scope_value) const {
    for (const Row& row : entries_.at(policy).rows) {
      if (row.scope_value == scope_value) return &row;
    }
    return nullptr;
  }

  base::Time now_;
  const policy::Holds* holds_;
  std::vector<Entry> entries_;  // by policy
};

policy::Selection TracedSelection(const PolicySelection& only) {
  return {.actions = {only.actions().begin(), only.actions().end()},
          .groups = {only.groups().begin(), only.groups().end()},
          .issues = {only.issues().begin(), only.issues().end()},
          .channels = {only.channels().begin(), only.channels().end()}};
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
                       .only = TracedSelection(traced.only()),
                       .counts_ignored = traced.counts_ignored(),
                       .subject = traced.subject(),
                       .half_life = base::Duration{traced.half_life()}});
    for (const ChannelWeight& weight : traced.weights()) {
      policy.weights.push_back({weight.channel(), weight.weight()});
    }
  }
  return policy::Policies(std::move(all));
}

bool IsWeight(int64_t weight) { return weight >= 0 && weight <= 1'000'000'000'000; }

// Whether the readings are such as a history gives: in order, and with weights where they weigh.
bool HasSoundReadings(const PolicyTrace& policy, bool weighs) {
  for (const PolicyReading& reading : policy.readings()) {
    if (!std::is_sorted(reading.ages().rbegin(), reading.ages().rend())) return false;
    if (reading.weights_size() != (weighs ? reading.ages_size() : 0)) return false;
    if (!std::all_of(reading.weights().begin(), reading.weights().end(), IsWeight)) return false;
  }
  return true;
}

bool IsSound(const PolicyTrace& policy) {
  using policy::PolicyKind;
  const auto kind = static_cast<PolicyKind>(policy.kind());
  if (policy.kind() < 1 || policy.kind() > 7 || policy.calendar() > 3) return false;
  if (policy.calendar() != 0 && (kind != PolicyKind::kCap || policy.ends_in() <= 0)) return false;
  if (policy.scope() < 1 || policy.scope() > 6 || policy.limit() < 0) return false;
  const bool counts_some = kind == PolicyKind::kSuppress || kind == PolicyKind::kGap;
  if (counts_some && policy.limit() < 1) return false;
  const bool has_no_span = kind == PolicyKind::kQuiet || kind == PolicyKind::kBlock;
  if (!has_no_span && policy.window() <= 0) return false;
  const bool weighs = kind == PolicyKind::kPressure;
  if (weighs && policy.half_life() <= 0) return false;
  for (const ChannelWeight& weight : policy.weights()) {
    if (!IsWeight(weight.weight())) return false;
  }
  for (const QuietReading& reading : policy.quiet()) {
    if (reading.ends_in() >= 0 && reading.ends_in() <= reading.asked_in()) return false;
  }
  return HasSoundReadings(policy, weighs);
}

bool HasSoundPolicies(const Trace& trace) {
  return std::all_of(trace.policies().begin(), trace.policies().end(), IsSound);
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
  again.clear_ask_again_at();
  again.clear_trace();
  Trace& trace = *again.mutable_trace();
  trace.set_seed(made.trace().seed());
  *trace.mutable_holdouts() = made.trace().holdouts();
  *trace.mutable_exploration() = made.trace().exploration();
  *trace.mutable_predictors() = made.trace().predictors();
  return again;
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
  static constexpr Reason kLater[] = {SUPPRESSED, CAPPED,       TOO_SOON,       QUIET,
                                      BLOCKED,    COOLING_DOWN, UNDER_PRESSURE, HELD_OUT};
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
  Decision again = Outline(decision);
  Trace& trace = *again.mutable_trace();
  *trace.mutable_values() = decision.trace().values();
  *trace.mutable_consents() = decision.trace().consents();
  *trace.mutable_preferences() = decision.trace().preferences();
  *trace.mutable_slate_limits() = decision.trace().slate_limits();
  trace.set_outbound(decision.trace().outbound());
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
  const TracedPerson person(decision.trace(), catalogue.texts());
  const Situation situation(person, nullptr, now, catalogue.texts(), &trace);
  DecisionRules rules(catalogue.attributes(), situation);
  const PersonHolds holds(catalogue, rules);
  const TracedHistory traced(catalogue.policies(), decision, &holds);
  const RecordingHistory history(catalogue.policies(), traced, now);
  const TracedModels models(decision);
  Run run{.decision = again,
          .policies = catalogue.policies(),
          .history = history,
          .models = models,
          .request = base::DecisionId::FromBytes(decision.id()).record,
          .now = now,
          .slots = static_cast<uint32_t>(decision.chosen_size())};
  ApplyHoldouts(again);
  Gather(*placement, now, trace);
  StageRules(*placement, rules, run);
  StageConsent(*placement, person, run);
  StagePreference(*placement, person, run);
  RunFromPolicies(run);
  history.WriteTo(trace);
  return Serialize(again);
}

}  // namespace batuta::decision

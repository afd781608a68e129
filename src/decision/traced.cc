#include "decision/traced.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/text.h"
#include "decision/decide.h"
#include "decision/offered.h"
#include "policy/channel_rate.h"
#include "policy/constraints.h"
#include "rule/explain.h"
#include "rule/person.h"

namespace batuta::decision {
namespace {

bool IsWeight(int64_t weight) { return weight >= 0 && weight <= 1'000'000'000'000; }
bool IsRate(int64_t rate) { return rate >= 0 && rate <= policy::kWholeRate; }

// Whether the readings are such as a history gives: in order, and with weights where they weigh.
bool HasSoundReadings(const PolicyTrace& policy, bool weighs) {
  for (const PolicyReading& reading : policy.readings()) {
    if (!std::is_sorted(reading.ages().rbegin(), reading.ages().rend())) return false;
    if (reading.weights_size() != (weighs ? reading.ages_size() : 0)) return false;
    if (!std::all_of(reading.weights().begin(), reading.weights().end(), IsWeight)) return false;
    if (!IsRate(reading.usual())) return false;
  }
  return true;
}

bool IsSound(const PolicyTrace& policy) {
  using policy::PolicyKind;
  const auto kind = static_cast<PolicyKind>(policy.kind());
  if (policy.kind() < 1 || policy.kind() > 8 || policy.calendar() > 3) return false;
  if (policy.calendar() != 0 && (kind != PolicyKind::kCap || policy.ends_in() <= 0)) return false;
  if (policy.scope() < 1 || policy.scope() > 6 || policy.limit() < 0) return false;
  const bool counts_some = kind == PolicyKind::kSuppress || kind == PolicyKind::kGap;
  if (counts_some && policy.limit() < 1) return false;
  const bool has_no_span = kind == PolicyKind::kQuiet || kind == PolicyKind::kBlock;
  if (!has_no_span && policy.window() <= 0) return false;
  const bool weighs = policy::Weighs(kind);
  if (weighs && policy.half_life() <= 0) return false;
  const bool prefers = kind == PolicyKind::kPreferChannel;
  if (prefers && (policy.after() < 1 || !IsRate(policy.limit()))) return false;
  for (const ChannelWeight& weight : policy.weights()) {
    if (!IsWeight(weight.weight())) return false;
  }
  for (const QuietReading& reading : policy.quiet()) {
    if (reading.ends_in() >= 0 && reading.ends_in() <= reading.asked_in()) return false;
  }
  return HasSoundReadings(policy, weighs);
}

// Whether these are indices of candidates, ascending.
bool HasCandidates(const Trace& trace,
                   const google::protobuf::RepeatedField<uint32_t>& candidates) {
  return std::is_sorted(candidates.begin(), candidates.end()) &&
         std::all_of(candidates.begin(), candidates.end(), [&](uint32_t one) {
           return one < static_cast<uint32_t>(trace.candidates_size());
         });
}

bool HasSoundExclusives(const Trace& trace) {
  const auto& all = trace.exclusives();
  return std::all_of(all.begin(), all.end(), [&](const ExclusiveTrace& one) {
    return HasCandidates(trace, one.partners()) && HasCandidates(trace, one.rivals());
  });
}

bool HasSoundLeases(const Trace& trace) {
  return std::all_of(trace.leases().begin(), trace.leases().end(), [&](const LeaseTrace& lease) {
    const auto is_use = [](int64_t use) { return use > 0 && use <= policy::kLargestLimit + 1; };
    const bool uses = lease.uses_size() == lease.candidates_size() &&
                      std::all_of(lease.uses().begin(), lease.uses().end(), is_use);
    const bool sorted = std::is_sorted(lease.candidates().begin(), lease.candidates().end());
    // What is added for an agreement goes to candidates that are there.
    const bool boosts = lease.boost() >= 0 && lease.boost() <= policy::kLargestLimit &&
                        (lease.boost() == 0 || HasCandidates(trace, lease.candidates()));
    return uses && sorted && boosts && lease.left() >= 0 && lease.short_from() >= 0;
  });
}

bool HasSoundPolicies(const Trace& trace) {
  return std::all_of(trace.policies().begin(), trace.policies().end(), IsSound);
}

}  // namespace

absl::Status CheckUsable(const Decision& decision) {
  if (decision.has_imported()) {
    return absl::FailedPreconditionError("another system made this decision");
  }
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
      !floor || !method || !gamma || !HasSoundPolicies(decision.trace()) ||
      !HasSoundLeases(decision.trace()) || !HasSoundExclusives(decision.trace())) {
    return absl::InvalidArgumentError("the decision's trace is damaged");
  }
  return absl::OkStatus();
}

void Outline(const Decision& made, Decision& again) {
  again.set_id(made.id());
  again.set_person(made.person());
  again.set_placement(made.placement());
  again.set_channel(made.channel());
  again.set_identity(made.identity());
  again.set_dry_run(made.dry_run());
  again.set_definitions_version(made.definitions_version());
  again.set_model_version(made.model_version());
  again.set_engine_version(made.engine_version());
  again.set_log_time(made.log_time());
  again.set_currency(made.currency());
  if (made.has_predictors()) *again.mutable_predictors() = made.predictors();
  Trace& trace = *again.mutable_trace();
  trace.set_seed(made.trace().seed());
  *trace.mutable_holdouts() = made.trace().holdouts();
  *trace.mutable_exploration() = made.trace().exploration();
  *trace.mutable_predictors() = made.trace().predictors();
  *trace.mutable_leases() = made.trace().leases();
  *trace.mutable_only() = made.trace().only();
}

expr::Value TracedPerson::Find(std::string_view path) const {
  for (const rule::Seen& seen : trace_.values()) {
    if (seen.path() == path) return rule::ValueOf(seen);
  }
  return rule::Absent(/*is_last=*/true);
}

expr::Value TracedPerson::Read(const expr::Attribute& attribute, expr::Scratch&) const {
  return Find(rule::NameIn(texts_, attribute.Name()));
}

expr::Value TracedPerson::Lookup(std::string_view table, std::string_view key,
                                 expr::Scratch&) const {
  return Find(expr::LookedUp{std::string(table), std::string(key), {}}.Name());
}

ConsentState TracedPerson::Consent(std::string_view purpose, std::string_view) const {
  for (const ConsentRead& read : trace_.consents()) {
    if (read.purpose() == purpose) return read.state();
  }
  return CONSENT_UNKNOWN;
}

StatedPreference TracedPerson::Preference(std::string_view kind, std::string_view name) const {
  for (const PreferenceRead& read : trace_.preferences()) {
    if (read.kind() == kind && read.name() == name) {
      return {.refuses = true, .until = base::Time{read.until()}};
    }
  }
  return {};
}

const CandidateTrace* TracedModels::Find(std::string_view action,
                                         const learn::PredictorValues& values) const {
  for (const CandidateTrace& candidate : decision_.trace().candidates()) {
    const bool was_judged = candidate.alpha() > 0 && candidate.beta() > 0;
    if (was_judged && candidate.action() == action && AreOf(values, candidate)) return &candidate;
  }
  return nullptr;
}

const Chosen* TracedModels::FindChosen(std::string_view action,
                                       const learn::PredictorValues& values) const {
  const auto slot = static_cast<int64_t>(SlotOf(values));
  if (slot <= 1 || slot > decision_.chosen_size()) return nullptr;
  const Chosen& chosen = decision_.chosen(static_cast<int>(slot) - 1);
  const bool was_judged = chosen.propensity() > 0 && chosen.propensity() < 1;
  const bool is_it = was_judged && chosen.action() == action && AreOf(values, chosen);
  return is_it ? &chosen : nullptr;
}

// Of what fills a later slot the choice says what was believed of it there.
learn::Opinion TracedModels::Judge(std::string_view action, std::string_view,
                                   const learn::PredictorValues& values) const {
  if (const Chosen* chosen = FindChosen(action, values); chosen != nullptr) {
    // The two add up to 1 exactly, so the mean is the same to the bit.
    return {.belief = {.alpha = chosen->propensity(), .beta = 1 - chosen->propensity()},
            .is_adaptive = chosen->has_score(),
            .score = chosen->score()};
  }
  const CandidateTrace* candidate = Find(action, values);
  if (candidate == nullptr) return {};
  const auto& thousandths = candidate->contributions();
  return {.belief = {.alpha = candidate->alpha(), .beta = candidate->beta()},
          .is_adaptive = candidate->has_score(),
          .score = candidate->score(),
          .maturity = candidate->maturity(),
          .thousandths = {thousandths.begin(), thousandths.end()}};
}

learn::NaturalRate TracedModels::Natural(std::string_view action, std::string_view,
                                         const learn::PredictorValues& values, double) const {
  const CandidateTrace* candidate = Find(action, values);
  if (candidate == nullptr) return {};
  learn::NaturalRate rate{.mean = candidate->natural()};
  if (candidate->has_natural_score()) rate.score = candidate->natural_score();
  return rate;
}

learn::LearnedWorth TracedModels::Worth(std::string_view action) const {
  for (const CandidateTrace& candidate : decision_.trace().candidates()) {
    if (candidate.action() != action || candidate.alpha() <= 0) continue;
    return {.valued = candidate.valued(), .total = candidate.worth()};
  }
  return {};
}

TracedHistory::TracedHistory(const policy::Policies& policies, const Decision& decision,
                             const policy::Lookups* lookups)
    : now_(base::Time{decision.log_time()}), lookups_(lookups) {
  for (const policy::Policy& policy : policies.all()) {
    Entry& entry = entries_.emplace_back();
    for (const PolicyTrace& traced : decision.trace().policies()) {
      const bool is_it =
          traced.name() == policy.name && traced.kind() == static_cast<uint32_t>(policy.kind);
      if (is_it) Read(traced, entry);
    }
  }
}

absl::Span<const base::Time> TracedHistory::Times(size_t policy,
                                                  std::string_view scope_value) const {
  const Row* row = Find(policy, scope_value);
  return row == nullptr ? absl::Span<const base::Time>() : row->times;
}

absl::Span<const int64_t> TracedHistory::Weights(size_t policy,
                                                 std::string_view scope_value) const {
  const Row* row = Find(policy, scope_value);
  return row == nullptr ? absl::Span<const int64_t>() : row->weights;
}

base::Time TracedHistory::EndOf(size_t policy) const { return entries_.at(policy).ends; }
base::Time TracedHistory::QuietUntil(size_t policy, base::Time at) const {
  if (entries_.at(policy).traced == nullptr) return at;
  for (const QuietReading& reading : entries_.at(policy).traced->quiet()) {
    if (now_ + base::Duration{reading.asked_in()} != at) continue;
    return reading.ends_in() < 0 ? base::kDistantFuture : now_ + base::Duration{reading.ends_in()};
  }
  return at;
}

policy::Hold TracedHistory::HoldOf(size_t policy) const {
  if (lookups_ != nullptr) return lookups_->HoldOf(policy);
  const PolicyTrace* traced = entries_.at(policy).traced;
  if (traced == nullptr || !traced->holds()) return {};
  if (traced->held_for() == 0) return {.holds = true};
  return {.holds = true, .until = now_ + base::Duration{traced->held_for()}};
}

int64_t TracedHistory::UsualOn(size_t policy, std::string_view channel) const {
  const Row* row = Find(policy, channel);
  return row == nullptr ? 0 : row->usual;
}

void TracedHistory::Read(const PolicyTrace& traced, Entry& entry) const {
  entry.traced = &traced;
  if (traced.calendar() != 0) entry.ends = now_ + base::Duration{traced.ends_in()};
  for (const PolicyReading& reading : traced.readings()) {
    Row& row = entry.rows.emplace_back(
        Row{reading.scope_value(), {}, {reading.weights().begin(), reading.weights().end()}});
    row.usual = reading.usual();
    for (const int64_t age : reading.ages()) row.times.push_back(now_ - base::Duration{age});
  }
}

const TracedHistory::Row* TracedHistory::Find(size_t policy, std::string_view scope_value) const {
  for (const Row& row : entries_.at(policy).rows) {
    if (row.scope_value == scope_value) return &row;
  }
  return nullptr;
}

}  // namespace batuta::decision

#include "decision/pipeline.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "base/status.h"

namespace batuta::decision {

namespace {

bool IsInForce(const Lever& lever, base::Time now) {
  return (!lever.starts || now >= *lever.starts) && (!lever.ends || now < *lever.ends);
}

// The product of the levers that are in force; each of them is written down unless the action's
// own, which holds at all times, is the only one.
void SetLever(const Action& action, base::Time now, CandidateTrace& entry) {
  double product = action.lever;
  if (action.lever != 1) entry.add_levers()->set_factor(action.lever);
  const auto add = [&](const Terms& terms, Level level, const std::string& name) {
    for (const Lever& lever : terms.levers) {
      if (!IsInForce(lever, now)) continue;
      product *= lever.factor;
      LeverTrace& trace = *entry.add_levers();
      trace.set_level(level);
      trace.set_name(name);
      trace.set_factor(lever.factor);
    }
  };
  add(action.terms, ACTION_LEVEL, "");
  for (const Family* family : action.families) add(family->terms, family->level, family->name);
  entry.set_lever(product);
  if (entry.levers_size() == 1 && action.lever != 1) entry.clear_levers();
}

// When the first of its levels ends, in microseconds; 0 if none does.
int64_t EndOf(const Action& action) {
  std::optional<base::Time> first = action.terms.ends;
  for (const Family* family : action.families) {
    const std::optional<base::Time>& ends = family->terms.ends;
    if (ends && (!first || *ends < *first)) first = ends;
  }
  return first ? first->micros : 0;
}

void AddSlateLimits(const Placement& placement, Trace& trace) {
  std::set<std::pair<Level, std::string_view>> limited;
  for (const Candidate& candidate : placement.candidates) {
    for (const Family* family : candidate.action->families) {
      if (family->per_slate == 0 || !limited.insert({family->level, family->name}).second) continue;
      SlateLimit& limit = *trace.add_slate_limits();
      limit.set_level(family->level);
      limit.set_name(family->name);
      limit.set_limit(family->per_slate);
    }
  }
  std::sort(trace.mutable_slate_limits()->begin(), trace.mutable_slate_limits()->end(),
            [](const SlateLimit& a, const SlateLimit& b) {
              if (a.level() != b.level()) return a.level() < b.level();
              return a.name() < b.name();
            });
}

}  // namespace

void DescribeAction(const Action& action, base::Time now, CandidateTrace& entry) {
  entry.set_action(action.name);
  entry.set_group(action.group);
  entry.set_issue(action.issue);
  entry.set_action_class(action.action_class);
  entry.set_value_micros(action.value.micros);
  if (action.learns_value) entry.set_declared_micros(action.value.micros);
  entry.set_cost_micros(action.cost.micros);
  SetLever(action, now, entry);
}

void Gather(const Placement& placement, base::Time now, Trace& trace) {
  trace.set_outbound(placement.direction == Direction::kOutbound);
  trace.set_incremental(placement.incremental);
  trace.mutable_candidates()->Reserve(static_cast<int>(placement.candidates.size()));
  for (const Candidate& candidate : placement.candidates) {
    const Action& action = *candidate.action;
    CandidateTrace& entry = *trace.add_candidates();
    DescribeAction(action, now, entry);
    entry.set_quiet_hours(action.quiet_hours);
    if (trace.outbound() && action.quiet_hours == DEFER) entry.set_ends(EndOf(action));
    entry.set_treatment(candidate.treatment->name);
    entry.set_variant(candidate.variant->name);
    entry.set_explore_never(action.explore_never);
    entry.set_mandatory(action.mandatory);
  }
  AddSlateLimits(placement, trace);
}

void RunFromPolicies(Run& run) {
  StageAsked(run);
  StagePolicy(run);
  StageAgreement(run);
  StageConstraint(run);
  StagePropensity(run);
  StageArbitrate(run);
  StageChoose(run);
  WriteContributions(run);
}

bool IsAdmissible(const CandidateTrace& candidate) { return candidate.reason() == ADMISSIBLE; }

bool CameToHoldouts(const CandidateTrace& candidate) {
  return IsAdmissible(candidate) || candidate.reason() == HELD_OUT;
}

policy::Selection SelectionOf(const PolicySelection& traced) {
  return {.actions = {traced.actions().begin(), traced.actions().end()},
          .groups = {traced.groups().begin(), traced.groups().end()},
          .issues = {traced.issues().begin(), traced.issues().end()},
          .channels = {traced.channels().begin(), traced.channels().end()}};
}

void WriteSelection(const policy::Selection& only, PolicySelection& traced) {
  traced.mutable_actions()->Add(only.actions.begin(), only.actions.end());
  traced.mutable_groups()->Add(only.groups.begin(), only.groups.end());
  traced.mutable_issues()->Add(only.issues.begin(), only.issues.end());
  traced.mutable_channels()->Add(only.channels.begin(), only.channels.end());
}

void FallOut(CandidateTrace& candidate, Stage stage, Reason reason) {
  BATUTA_CHECK(IsAdmissible(candidate) && reason != ADMISSIBLE);
  candidate.set_stage(stage);
  candidate.set_reason(reason);
}

policy::Offer OfferOf(const Decision& decision, const CandidateTrace& candidate) {
  return {.action = candidate.action(),
          .group = candidate.group(),
          .issue = candidate.issue(),
          .channel = decision.channel(),
          .placement = decision.placement(),
          .action_class = candidate.action_class(),
          .outbound = decision.trace().outbound(),
          .waits = candidate.quiet_hours() == DEFER};
}

void SetOperands(const policy::Violation& violation, const Run& run, Operands& operands) {
  const policy::Policy& policy = run.policies.all()[violation.policy];
  operands.set_policy(policy.name);
  operands.set_seen(violation.seen);
  operands.set_limit(policy.limit);
  operands.set_at(violation.passes_at.micros);
  operands.set_adds(violation.adds);
  operands.set_subject(violation.than.empty() ? policy.subject : std::string(violation.than));
}

Reason ReasonOf(const policy::Violation& violation, const Run& run) {
  switch (run.policies.all()[violation.policy].kind) {
    case policy::PolicyKind::kCap:
      return CAPPED;
    case policy::PolicyKind::kSuppress:
      return SUPPRESSED;
    case policy::PolicyKind::kGap:
      return TOO_SOON;
    case policy::PolicyKind::kQuiet:
      return QUIET;
    case policy::PolicyKind::kBlock:
      return BLOCKED;
    case policy::PolicyKind::kCoolDown:
      return COOLING_DOWN;
    case policy::PolicyKind::kPressure:
      return UNDER_PRESSURE;
    case policy::PolicyKind::kPreferChannel:
      return LESS_WELCOME;
  }
  BATUTA_CHECK(false, "a policy of an unknown kind");
}

RecordingHistory::RecordingHistory(const policy::Policies& policies, const policy::History& history,
                                   base::Time now)
    : policies_(policies), history_(history), now_(now), asked_(policies.all().size()) {}

absl::Span<const base::Time> RecordingHistory::Times(size_t policy,
                                                     std::string_view scope_value) const {
  BATUTA_CHECK(policy < asked_.size());
  const auto times = history_.Times(policy, scope_value);
  Asked& asked = asked_[policy];
  asked.any = true;
  if (times.empty()) return times;
  // Each value has times of its own, so where they stand tells values apart.
  const bool is_known =
      std::any_of(asked.readings.begin(), asked.readings.end(),
                  [&](const Reading& one) { return one.times.data() == times.data(); });
  if (!is_known) asked.readings.push_back({scope_value, times});
  return times;
}

absl::Span<const int64_t> RecordingHistory::Weights(size_t policy,
                                                    std::string_view scope_value) const {
  return history_.Weights(policy, scope_value);  // of times that were asked for
}

base::Time RecordingHistory::EndOf(size_t policy) const { return history_.EndOf(policy); }

base::Time RecordingHistory::QuietUntil(size_t policy, base::Time at) const {
  Asked& asked = asked_.at(policy);
  asked.any = true;
  const base::Time end = history_.QuietUntil(policy, at);
  const std::pair reading(at, end);
  const bool is_known =
      std::find(asked.quiet.begin(), asked.quiet.end(), reading) != asked.quiet.end();
  if (end > at && !is_known) asked.quiet.push_back(reading);
  return end;
}

policy::Hold RecordingHistory::HoldOf(size_t policy) const {
  Asked& asked = asked_.at(policy);
  asked.any = true;
  asked.hold = history_.HoldOf(policy);
  return asked.hold;
}

int64_t RecordingHistory::UsualOn(size_t policy, std::string_view channel) const {
  return history_.UsualOn(policy, channel);  // where times were asked for
}

void RecordingHistory::WriteTo(Trace& trace) const {
  for (size_t i = 0; i < asked_.size(); ++i) {
    if (asked_[i].any) WriteOne(i, *trace.add_policies());
  }
}

namespace {

// What the policy is, but for the person.
void WritePolicy(const policy::Policy& policy, PolicyTrace& entry) {
  entry.set_name(policy.name);
  entry.set_kind(static_cast<uint32_t>(policy.kind));
  entry.set_scope(static_cast<uint32_t>(policy.scope));
  entry.set_limit(policy.limit);
  entry.set_window(policy.window.micros);
  entry.set_classes(policy.classes.bits());
  entry.set_counts_ignored(policy.counts_ignored);
  entry.set_calendar(static_cast<uint32_t>(policy.calendar));
  entry.set_half_life(policy.half_life.micros);
  entry.set_after(policy.after);
  entry.set_subject(policy.subject);
  for (const policy::ChannelWeight& weight : policy.weights) {
    ChannelWeight& traced = *entry.add_weights();
    traced.set_channel(weight.channel);
    traced.set_weight(weight.weight);
  }
  const auto& [actions, groups, issues, channels] = policy.only;
  if (actions.empty() && groups.empty() && issues.empty() && channels.empty()) return;
  WriteSelection(policy.only, *entry.mutable_only());
}

}  // namespace

void RecordingHistory::WriteOne(size_t index, PolicyTrace& entry) const {
  const policy::Policy& policy = policies_.all()[index];
  const Asked& asked = asked_[index];
  WritePolicy(policy, entry);
  if (policy.calendar != policy::Calendar::kNone) {
    entry.set_ends_in((history_.EndOf(index) - now_).micros);
  }
  entry.mutable_readings()->Reserve(static_cast<int>(asked.readings.size()));
  for (const auto& [value, times] : asked.readings) {
    PolicyReading& reading = *entry.add_readings();
    reading.set_scope_value(std::string(value));
    reading.mutable_ages()->Reserve(static_cast<int>(times.size()));
    for (const base::Time time : times) reading.add_ages((now_ - time).micros);
    const auto weights = history_.Weights(index, value);
    reading.mutable_weights()->Add(weights.begin(), weights.end());
    const bool prefers = policy.kind == policy::PolicyKind::kPreferChannel;
    if (prefers) reading.set_usual(history_.UsualOn(index, value));
  }
  for (const auto& [at, end] : asked.quiet) {
    QuietReading& reading = *entry.add_quiet();
    reading.set_asked_in((at - now_).micros);
    reading.set_ends_in(end == base::kDistantFuture ? -1 : (end - now_).micros);
  }
  entry.set_holds(asked.hold.holds);
  const bool has_end = asked.hold.holds && asked.hold.until != base::kDistantFuture;
  if (has_end) entry.set_held_for((asked.hold.until - now_).micros);
}

}  // namespace batuta::decision

#include "decision/pipeline.h"

#include <algorithm>
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

void Gather(const Placement& placement, base::Time now, Trace& trace) {
  trace.mutable_candidates()->Reserve(static_cast<int>(placement.candidates.size()));
  for (const Candidate& candidate : placement.candidates) {
    const Action& action = *candidate.action;
    CandidateTrace& entry = *trace.add_candidates();
    entry.set_action(action.name);
    entry.set_group(action.group);
    entry.set_issue(action.issue);
    entry.set_treatment(candidate.treatment->name);
    entry.set_variant(candidate.variant->name);
    entry.set_action_class(action.action_class);
    entry.set_explore_never(action.explore_never);
    entry.set_mandatory(action.mandatory);
    entry.set_value_micros(action.value.micros);
    entry.set_cost_micros(action.cost.micros);
    SetLever(action, now, entry);
  }
  AddSlateLimits(placement, trace);
}

void RunFromPolicies(Run& run) {
  StagePolicy(run);
  StagePropensity(run);
  StageArbitrate(run);
  StageChoose(run);
}

bool IsAdmissible(const CandidateTrace& candidate) { return candidate.reason() == ADMISSIBLE; }

void FallOut(CandidateTrace& candidate, Stage stage, Reason reason) {
  BATUTA_CHECK(IsAdmissible(candidate) && reason != ADMISSIBLE);
  candidate.set_stage(stage);
  candidate.set_reason(reason);
}

policy::Offer OfferOf(const Decision& decision, const CandidateTrace& candidate) {
  return {.action = candidate.action(),
          .group = candidate.group(),
          .channel = decision.channel(),
          .placement = decision.placement(),
          .action_class = candidate.action_class()};
}

void SetOperands(const policy::Violation& violation, const Run& run, Operands& operands) {
  const policy::Policy& policy = run.policies.all()[violation.policy];
  operands.set_policy(policy.name);
  operands.set_seen(violation.seen);
  operands.set_limit(policy.limit);
  operands.set_at(violation.passes_at.micros);
}

Reason ReasonOf(const policy::Violation& violation, const Run& run) {
  switch (run.policies.all()[violation.policy].kind) {
    case policy::PolicyKind::kCap:
      return CAPPED;
    case policy::PolicyKind::kSuppress:
      return SUPPRESSED;
    case policy::PolicyKind::kGap:
      return TOO_SOON;
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
  if (!times.empty() && std::find(asked.scope_values.begin(), asked.scope_values.end(),
                                  scope_value) == asked.scope_values.end()) {
    asked.scope_values.emplace_back(scope_value);
  }
  return times;
}

base::Time RecordingHistory::EndOf(size_t policy) const { return history_.EndOf(policy); }

void RecordingHistory::WriteTo(Trace& trace) const {
  for (size_t i = 0; i < asked_.size(); ++i) {
    if (!asked_[i].any) continue;
    const policy::Policy& policy = policies_.all()[i];
    PolicyTrace& entry = *trace.add_policies();
    entry.set_name(policy.name);
    entry.set_kind(static_cast<uint32_t>(policy.kind));
    entry.set_scope(static_cast<uint32_t>(policy.scope));
    entry.set_limit(policy.limit);
    entry.set_window(policy.window.micros);
    entry.set_classes(policy.classes.bits());
    entry.set_counts_ignored(policy.counts_ignored);
    if (policy.calendar != policy::Calendar::kNone) {
      entry.set_calendar(static_cast<uint32_t>(policy.calendar));
      entry.set_ends_in((history_.EndOf(i) - now_).micros);
    }
    for (const std::string& value : asked_[i].scope_values) {
      PolicyReading& reading = *entry.add_readings();
      reading.set_scope_value(value);
      for (const base::Time time : history_.Times(i, value)) {
        reading.add_ages((now_ - time).micros);
      }
    }
  }
}

}  // namespace batuta::decision

#include "policy/caps.h"

#include <algorithm>

#include "base/status.h"
#include "feature/moment.h"

namespace batuta::policy {
namespace {

std::string_view ScopeValue(Scope scope, const Contact& contact) {
  switch (scope) {
    case Scope::kPerson:
      return "";
    case Scope::kAction:
      return contact.action();
    case Scope::kGroup:
      return contact.group();
    case Scope::kChannel:
      return contact.channel();
    case Scope::kPlacement:
      return contact.placement();
  }
  return "";
}

// The time at which the policy counts the contact, or kDistantPast if it does not.
base::Time CountedAt(const Policy& policy, const Contact& contact) {
  if (!policy.classes.Has(contact.action_class())) return base::kDistantPast;
  if (policy.kind != PolicyKind::kSuppress) {
    return Counts(contact) ? base::Time{contact.reserved_at()} : base::kDistantPast;
  }
  const bool refusal =
      contact.stage() == REJECTED || (policy.counts_ignored && contact.stage() == IGNORED);
  return refusal ? base::Time{contact.ended_at()} : base::kDistantPast;
}

feature::Window WindowOf(Calendar calendar) {
  using Kind = feature::Window::Kind;
  feature::Window window;
  window.kind = calendar == Calendar::kDay    ? Kind::kToday
                : calendar == Calendar::kWeek ? Kind::kThisWeek
                                              : Kind::kThisMonth;
  return window;
}

std::optional<Violation> JudgeCap(const Policy& policy, absl::Span<const base::Time> times,
                                  int64_t pending, base::Time now, base::Time ends) {
  const int64_t seen = static_cast<int64_t>(times.size()) + pending;
  if (seen < policy.limit) return std::nullopt;
  Violation violation{.seen = seen, .passes_at = base::kDistantFuture};
  if (policy.limit > 0 && policy.calendar != Calendar::kNone) {
    violation.passes_at = ends;
  } else if (policy.limit > 0) {
    // It passes when all but limit - 1 of them have left the window; those pending stand at `now`
    // among those counted.
    const int64_t last_to_leave = seen - policy.limit;
    const int64_t past = std::upper_bound(times.begin(), times.end(), now) - times.begin();
    const auto at = [&](int64_t i) { return times[static_cast<size_t>(i)]; };
    const base::Time leaves = last_to_leave < past             ? at(last_to_leave)
                              : last_to_leave < past + pending ? now
                                                               : at(last_to_leave - pending);
    violation.passes_at = leaves + policy.window;
  }
  return violation;
}

std::optional<Violation> JudgeSuppression(const Policy& policy, absl::Span<const base::Time> times,
                                          base::Time now) {
  const auto needed = static_cast<size_t>(policy.limit);
  for (size_t last = times.size(); last >= needed; --last) {
    const base::Time end = times[last - 1] + policy.window;
    if (end <= now) return std::nullopt;
    if (times[last - 1] - times[last - needed] < policy.window) {
      const auto within =
          std::count_if(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(last),
                        [&](base::Time time) { return times[last - 1] - time < policy.window; });
      return Violation{.seen = within, .passes_at = end};
    }
  }
  return std::nullopt;
}

int64_t CountPending(const CheckContext& context, const Policy& policy, const Offer& offer) {
  const std::string_view value = ScopeValue(policy.scope, offer);
  return std::count_if(context.pending.begin(), context.pending.end(), [&](const Offer& pending) {
    return Applies(policy, pending) && ScopeValue(policy.scope, pending) == value;
  });
}

}  // namespace

std::string_view ScopeValue(Scope scope, const Offer& offer) {
  switch (scope) {
    case Scope::kPerson:
      return "";
    case Scope::kAction:
      return offer.action;
    case Scope::kGroup:
      return offer.group;
    case Scope::kChannel:
      return offer.channel;
    case Scope::kPlacement:
      return offer.placement;
  }
  return "";
}

bool Applies(const Policy& policy, const Offer& offer) {
  if (!policy.classes.Has(offer.action_class)) return false;
  return policy.scope != Scope::kGroup || !offer.group.empty();
}

ContactHistory::ContactHistory(const Policies& policies, const ContactState& contacts,
                               base::Time now, absl::TimeZone zone) {
  const feature::Moment moment{now, zone};
  rows_.resize(policies.all().size());
  ends_.resize(policies.all().size(), base::kDistantFuture);
  for (size_t i = 0; i < rows_.size(); ++i) {
    const Policy& policy = policies.all()[i];
    // A suppression looks back twice its span: see Policies::Keep.
    const base::Duration reach{policy.window.micros *
                               (policy.kind == PolicyKind::kSuppress ? 2 : 1)};
    const base::Time since = policy.calendar == Calendar::kNone
                                 ? now - reach
                                 : base::Time{moment.FirstIn(WindowOf(policy.calendar)) - 1};
    if (policy.calendar != Calendar::kNone) {
      ends_[i] = base::Time{moment.LeaveTime(WindowOf(policy.calendar), now.micros)};
    }
    for (const Contact& contact : contacts.contacts()) {
      const base::Time time = CountedAt(policy, contact);
      if (time <= since) continue;
      const std::string_view value = ScopeValue(policy.scope, contact);
      if (policy.scope == Scope::kGroup && value.empty()) continue;
      auto row = std::find_if(rows_[i].begin(), rows_[i].end(),
                              [&](const Row& r) { return r.scope_value == value; });
      if (row == rows_[i].end()) row = rows_[i].insert(row, Row{value, {}});
      row->times.push_back(time);
    }
    for (Row& row : rows_[i]) std::sort(row.times.begin(), row.times.end());
  }
}

absl::Span<const base::Time> ContactHistory::Times(size_t policy,
                                                   std::string_view scope_value) const {
  BATUTA_CHECK(policy < rows_.size());
  for (const Row& row : rows_[policy]) {
    if (row.scope_value == scope_value) return row.times;
  }
  return {};
}

base::Time ContactHistory::EndOf(size_t policy) const {
  BATUTA_CHECK(policy < ends_.size());
  return ends_[policy];
}

std::optional<Violation> Judge(const Policy& policy, absl::Span<const base::Time> times,
                               int64_t pending, base::Time now, base::Time ends) {
  BATUTA_CHECK(std::is_sorted(times.begin(), times.end()));
  BATUTA_CHECK(policy.limit >= (policy.kind == PolicyKind::kCap ? 0 : 1));
  if (policy.kind != PolicyKind::kSuppress) return JudgeCap(policy, times, pending, now, ends);
  return JudgeSuppression(policy, times, now);
}

std::optional<Violation> Check(const CheckContext& context, const Offer& offer) {
  std::optional<Violation> longest;
  for (size_t i = 0; i < context.policies.all().size(); ++i) {
    const Policy& policy = context.policies.all()[i];
    if (!Applies(policy, offer)) continue;
    const auto times = context.history.Times(i, ScopeValue(policy.scope, offer));
    std::optional<Violation> violation = Judge(policy, times, CountPending(context, policy, offer),
                                               context.now, context.history.EndOf(i));
    if (!violation) continue;
    violation->policy = i;
    if (!longest || violation->passes_at > longest->passes_at) longest = violation;
  }
  return longest;
}

}  // namespace batuta::policy

#include "policy/caps.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "base/status.h"
#include "feature/moment.h"
#include "policy/channel_rate.h"

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
    case Scope::kIssue:
      return contact.issue();
  }
  return "";
}

bool FitsOne(const std::vector<std::string>& names, std::string_view name) {
  return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
}

template <typename Names>  // of an offer or a contact
bool FitsNames(const Selection& only, const Names& names) {
  return FitsOne(only.actions, names.action) && FitsOne(only.groups, names.group) &&
         FitsOne(only.issues, names.issue) && FitsOne(only.channels, names.channel);
}

// A group or an issue that is not there is not counted together with others.
bool HasNoScope(Scope scope, std::string_view value) {
  return (scope == Scope::kGroup || scope == Scope::kIssue) && value.empty();
}

struct NamesOfContact {
  explicit NamesOfContact(const Contact& contact)
      : action(contact.action()),
        group(contact.group()),
        issue(contact.issue()),
        channel(contact.channel()) {}
  std::string_view action, group, issue, channel;
};

// The time at which the policy counts the contact, or kDistantPast if it does not.
base::Time CountedAt(const Policy& policy, const Contact& contact) {
  if (!policy.classes.Has(contact.action_class())) return base::kDistantPast;
  if (!FitsNames(policy.only, NamesOfContact(contact))) return base::kDistantPast;
  if (policy.kind == PolicyKind::kPreferChannel) {
    const ContactStage stage = contact.stage();
    const bool has_outcome = stage == ACCEPTED || stage == REJECTED || stage == IGNORED;
    return has_outcome ? base::Time{contact.ended_at()} : base::kDistantPast;
  }
  if (policy.kind != PolicyKind::kSuppress) {
    return Counts(contact) ? base::Time{std::max(contact.reserved_at(), contact.not_before())}
                           : base::kDistantPast;
  }
  const bool refusal =
      contact.stage() == REJECTED || (policy.counts_ignored && contact.stage() == IGNORED);
  return refusal ? base::Time{contact.ended_at()} : base::kDistantPast;
}

// Of a policy that weighs contacts.
int64_t WeightOf(const Policy& policy, const Contact& contact) {
  if (policy.kind == PolicyKind::kPressure) return WeightOn(policy, contact.channel());
  return policy.kind == PolicyKind::kPreferChannel && contact.stage() == ACCEPTED ? kOneContact : 0;
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

bool CountsTogether(const Policy& policy, const Offer& pending, const Offer& offer) {
  return Applies(policy, pending) &&
         ScopeValue(policy.scope, pending) == ScopeValue(policy.scope, offer);
}

std::optional<Violation> JudgeTimes(const CheckContext& context, size_t index, const Offer& offer) {
  const Policy& policy = context.policies.all()[index];
  const auto pending =
      std::count_if(context.pending.begin(), context.pending.end(),
                    [&](const Offer& other) { return CountsTogether(policy, other, offer); });
  return Judge(policy, context.history.Times(index, ScopeValue(policy.scope, offer)), pending,
               context.now, context.history.EndOf(index));
}

std::optional<Violation> JudgePressure(const CheckContext& context, size_t index,
                                       const Offer& offer) {
  const Policy& policy = context.policies.all()[index];
  const std::string_view value = ScopeValue(policy.scope, offer);
  const auto times = context.history.Times(index, value);
  const auto weights = context.history.Weights(index, value);
  BATUTA_CHECK(times.size() == weights.size());
  std::vector<WeightedContact> contacts;
  for (size_t i = 0; i < times.size(); ++i) contacts.push_back({times[i], weights[i]});
  for (const Offer& other : context.pending) {
    if (!CountsTogether(policy, other, offer)) continue;
    contacts.push_back({context.now, WeightOn(policy, other.channel)});
  }
  const int64_t adds = WeightOn(policy, offer.channel);
  const int64_t pressure = PressureAt(contacts, context.now, policy.half_life);
  if (pressure + adds <= policy.limit) return std::nullopt;
  return Violation{
      .seen = pressure,
      .passes_at = PressureFallsTo(policy.limit - adds, contacts, context.now, policy.half_life),
      .adds = adds};
}

// What the person did on one channel.
struct OnChannel {
  std::string_view channel;
  absl::Span<const base::Time> times;
  int64_t rate = 0;
};

// Nothing if too little happened there to tell.
std::optional<OnChannel> Observe(const CheckContext& context, size_t index,
                                 std::string_view channel) {
  const Policy& policy = context.policies.all()[index];
  const Outcomes outcomes{.times = context.history.Times(index, channel),
                          .accepted = context.history.Weights(index, channel)};
  const int64_t evidence = EvidenceAt(outcomes.times, context.now, policy.half_life);
  if (evidence < policy.after * kOneContact) return std::nullopt;
  const int64_t usual = context.history.UsualOn(index, channel);
  return OnChannel{.channel = channel,
                   .times = outcomes.times,
                   .rate = RateAt(outcomes, usual, context.now, policy.half_life)};
}

// Holds back what goes over a channel on which the person accepts much less than on another. It
// passes when too little is known of either; it may before that, as what is usual counts for more.
std::optional<Violation> JudgePreferChannel(const CheckContext& context, size_t index,
                                            const Offer& offer) {
  const Policy& policy = context.policies.all()[index];
  const std::optional<OnChannel> here = Observe(context, index, offer.channel);
  if (!here) return std::nullopt;
  OnChannel best = *here;
  for (const std::string& channel : policy.only.channels) {
    const std::optional<OnChannel> other = Observe(context, index, channel);
    if (other && other->rate > best.rate) best = *other;
  }
  if (here->rate >= best.rate * policy.limit / kWholeRate) return std::nullopt;
  const auto falls = [&](const OnChannel& on) {
    return EvidenceFallsBelow(policy.after, on.times, context.now, policy.half_life);
  };
  return Violation{.seen = here->rate,
                   .passes_at = std::min(falls(*here), falls(best)),
                   .adds = best.rate,
                   .than = best.channel};
}

std::optional<Violation> JudgeHold(const CheckContext& context, size_t index) {
  const Hold hold = context.history.HoldOf(index);
  if (!hold.holds) return std::nullopt;
  return Violation{.passes_at = hold.until};
}

// All quiet hours that concern the offer are one, so the end is the same for each.
std::optional<Violation> JudgeQuiet(const CheckContext& context, size_t index, const Offer& offer) {
  if (!offer.outbound || context.history.QuietUntil(index, context.now) == context.now) {
    return std::nullopt;
  }
  const base::Time end = QuietEnd(context, offer);
  if (offer.waits && end != base::kDistantFuture) return std::nullopt;
  return Violation{.passes_at = end};
}

std::optional<Violation> JudgeOne(const CheckContext& context, size_t index, const Offer& offer) {
  switch (context.policies.all()[index].kind) {
    case PolicyKind::kCap:
    case PolicyKind::kSuppress:
    case PolicyKind::kGap:
      return JudgeTimes(context, index, offer);
    case PolicyKind::kQuiet:
      return JudgeQuiet(context, index, offer);
    case PolicyKind::kBlock:
    case PolicyKind::kCoolDown:
      return JudgeHold(context, index);
    case PolicyKind::kPressure:
      return JudgePressure(context, index, offer);
    case PolicyKind::kPreferChannel:
      return JudgePreferChannel(context, index, offer);
  }
  BATUTA_CHECK(false, "a policy of an unknown kind");
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
    case Scope::kIssue:
      return offer.issue;
  }
  return "";
}

bool Fits(const Selection& only, const Offer& offer) { return FitsNames(only, offer); }

bool Applies(const Policy& policy, const Offer& offer) {
  return policy.classes.Has(offer.action_class) && Fits(policy.only, offer) &&
         !HasNoScope(policy.scope, ScopeValue(policy.scope, offer));
}

ContactHistory::ContactHistory(const Policies& policies, const ContactState& contacts,
                               base::Time now, absl::TimeZone zone, const Lookups* lookups)
    : policies_(policies), zone_(zone), lookups_(lookups) {
  const feature::Moment moment{now, zone};
  ends_.resize(policies.all().size(), base::kDistantFuture);
  for (size_t i = 0; i < ends_.size(); ++i) {
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
    Count(i, contacts, since);
  }
}

// Whether contacts play no role. What the person has said of channels is worth more than what was
// learned.
bool ContactHistory::CountsNothing(const Policy& policy) const {
  switch (policy.kind) {
    case PolicyKind::kQuiet:
    case PolicyKind::kBlock:
    case PolicyKind::kCoolDown:
      return true;
    case PolicyKind::kPreferChannel:
      BATUTA_CHECK(lookups_ != nullptr, "nobody says what the person wants");
      return std::any_of(policy.only.channels.begin(), policy.only.channels.end(),
                         [&](const std::string& channel) { return lookups_->Wants(channel); });
    default:
      return false;
  }
}

// Adds rows of what the policy counts of what came after `since`.
void ContactHistory::Count(size_t index, const ContactState& contacts, base::Time since) {
  const Policy& policy = policies_.all()[index];
  if (CountsNothing(policy)) return;
  struct Counted {
    std::string_view value;
    base::Time time;
    const Contact* contact;
  };
  absl::InlinedVector<Counted, 64> counted;
  for (const Contact& contact : contacts.contacts()) {
    const base::Time time = CountedAt(policy, contact);
    if (time <= since) continue;
    const std::string_view value = ScopeValue(policy.scope, contact);
    if (!HasNoScope(policy.scope, value)) counted.push_back({value, time, &contact});
  }
  // Contacts stand by the time of their reservation, so that those of one value mostly are sorted.
  const auto is_before = [](const Counted& a, const Counted& b) {
    const int order = a.value.compare(b.value);
    return order != 0 ? order < 0 : a.time < b.time;
  };
  if (!std::is_sorted(counted.begin(), counted.end(), is_before)) {
    std::stable_sort(counted.begin(), counted.end(), is_before);
  }
  for (const Counted& one : counted) {
    const bool is_new =
        rows_.empty() || rows_.back().policy != index || rows_.back().scope_value != one.value;
    if (is_new)
      rows_.push_back({.policy = index, .scope_value = one.value, .begin = times_.size()});
    ++rows_.back().size;
    times_.push_back(one.time);
    weights_.push_back(WeightOf(policy, *one.contact));
  }
}

ContactHistory::Row ContactHistory::Find(size_t policy, std::string_view scope_value) const {
  BATUTA_CHECK(policy < ends_.size());
  const auto row = std::lower_bound(
      rows_.begin(), rows_.end(), scope_value, [&](const Row& a, std::string_view value) {
        return a.policy != policy ? a.policy < policy : a.scope_value < value;
      });
  const bool is_it = row != rows_.end() && row->policy == policy && row->scope_value == scope_value;
  return is_it ? *row : Row();
}

absl::Span<const base::Time> ContactHistory::Times(size_t policy,
                                                   std::string_view scope_value) const {
  const Row row = Find(policy, scope_value);
  return absl::MakeSpan(times_).subspan(row.begin, row.size);
}

absl::Span<const int64_t> ContactHistory::Weights(size_t policy,
                                                  std::string_view scope_value) const {
  if (!Weighs(policies_.all()[policy].kind)) return {};
  const Row row = Find(policy, scope_value);
  return absl::MakeSpan(weights_).subspan(row.begin, row.size);
}

base::Time ContactHistory::EndOf(size_t policy) const {
  BATUTA_CHECK(policy < ends_.size());
  return ends_[policy];
}

base::Time ContactHistory::QuietUntil(size_t index, base::Time at) const {
  return QuietEnd(policies_.all()[index].quiet, at, zone_);
}

Hold ContactHistory::HoldOf(size_t policy) const {
  BATUTA_CHECK(lookups_ != nullptr, "nobody says whom blocks and cool-downs concern");
  return lookups_->HoldOf(policy);
}

int64_t ContactHistory::UsualOn(size_t, std::string_view channel) const {
  return lookups_->UsualOn(channel);
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
    if (!Applies(context.policies.all()[i], offer)) continue;
    std::optional<Violation> violation = JudgeOne(context, i, offer);
    if (!violation) continue;
    violation->policy = i;
    if (!longest || violation->passes_at > longest->passes_at) longest = violation;
  }
  return longest;
}

base::Time QuietEnd(const CheckContext& context, const Offer& offer) {
  // Of several policies together there may be no time left; each alone leaves some.
  constexpr base::Duration kSearch = base::Days(14);
  base::Time end = context.now;
  if (!offer.outbound) return end;
  for (bool is_quiet = true; is_quiet;) {
    is_quiet = false;
    for (size_t i = 0; i < context.policies.all().size(); ++i) {
      const Policy& policy = context.policies.all()[i];
      if (policy.kind != PolicyKind::kQuiet || !Applies(policy, offer)) continue;
      const base::Time next = context.history.QuietUntil(i, end);
      is_quiet = is_quiet || next > end;
      end = next;
      if (end - context.now > kSearch) return base::kDistantFuture;
    }
  }
  return end;
}

}  // namespace batuta::policy

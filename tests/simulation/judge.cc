#include "simulation/judge.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string>
#include <string_view>

#include "base/text.h"
#include "engine/fold.h"
#include "learn/models.h"
#include "simulation/company.h"
#include "simulation/failure.h"

namespace batuta::simulation {
namespace {

constexpr int64_t kHour = int64_t{3'600'000'000};

// Whether the newest statement of the person for a purpose, on the channel or on all, grants it. Of
// two that were made at the same moment it is not said here which counts.
bool HasGranted(const profile::Profile& profile, std::string_view purpose,
                std::string_view channel) {
  if (profile.consents_overflow()) return false;
  const profile::Consent* newest = nullptr;
  bool is_contested = false;
  for (const profile::Consent& one : profile.consents()) {
    const bool is_about =
        one.purpose() == purpose && (one.channel().empty() || one.channel() == channel);
    if (!is_about || !one.address().empty()) continue;
    if (newest != nullptr && one.event_time() == newest->event_time()) is_contested = true;
    if (newest != nullptr && one.event_time() <= newest->event_time()) continue;
    newest = &one;
    is_contested = false;
  }
  return newest != nullptr && (is_contested || newest->status() == profile::CONSENT_GRANTED);
}

// When the person last did it; long ago if never.
int64_t LastOf(const profile::Profile& profile, std::string_view event) {
  for (const profile::Counter& counter : profile.counters()) {
    if (counter.name() == event) return counter.last_time();
  }
  return 0;
}

bool IsIn(const engine::Decided& decided, std::string_view segment) {
  const auto& segments = decided.state.segments;
  return std::find(segments.begin(), segments.end(), segment) != segments.end();
}

// Refusals of the action that are not further apart than the span in which they silence it.
bool IsSilenced(const policy::ContactState& contacts, std::string_view action, int64_t now) {
  int refusals = 0;
  for (const policy::Contact& contact : contacts.contacts()) {
    const bool counts = contact.action() == action && contact.stage() == policy::REJECTED &&
                        contact.ended_at() > now - kSilenceHours * kHour;
    refusals += counts ? 1 : 0;
  }
  return refusals >= kSilencingRefusals;
}

// Whether a choice that stands is within the gap before, but for those of this decision.
bool HasGap(const policy::ContactState& contacts, std::string_view group, int64_t now) {
  return std::any_of(
      contacts.contacts().begin(), contacts.contacts().end(), [&](const policy::Contact& contact) {
        const bool stands = contact.stage() != policy::FAILED && contact.stage() != policy::EXPIRED;
        return stands && contact.group() == group &&
               std::max(contact.reserved_at(), contact.not_before()) > now - kGapHours * kHour;
      });
}

// Choices that stand, of now or within the window of the cap before, or put off until later. What
// has expired may come back, shown late: then there were more, but nobody knew when it was decided.
int64_t CountedByCap(const policy::ContactState& contacts, int64_t now) {
  return std::count_if(
      contacts.contacts().begin(), contacts.contacts().end(), [&](const policy::Contact& contact) {
        const bool stands = contact.stage() != policy::FAILED && contact.stage() != policy::EXPIRED;
        return stands &&
               std::max(contact.reserved_at(), contact.not_before()) > now - kCapWindowMicros;
      });
}

// What a person made of what they were shown on a channel, and what people do there in general.
struct Reaction {
  double shown = 0;
  double accepted = 0;
  double rate = 0;
};

Reaction ReactionOn(const Channel& channel, const policy::ContactState& contacts, int64_t now,
                    const learn::Models& models) {
  Reaction reaction;
  for (const policy::Contact& contact : contacts.contacts()) {
    const int64_t age = now - contact.ended_at();
    const bool has_outcome = contact.stage() >= policy::IGNORED;
    if (contact.channel() != channel.name || !has_outcome || age >= 4 * kOutcomeHalfLifeMicros) {
      continue;
    }
    const double weight =
        std::exp2(-static_cast<double>(age) / static_cast<double>(kOutcomeHalfLifeMicros));
    reaction.shown += weight;
    if (contact.stage() == policy::ACCEPTED) reaction.accepted += weight;
  }
  constexpr double kOfOthers = 20;  // contacts that count beside the person's own
  constexpr double kColdStart = 0.05;
  const learn::Belief all = models.PlacementRate(std::string(channel.placement));
  const double usual = all.alpha + all.beta > 0 ? all.Mean() : kColdStart;
  reaction.rate = (kOfOthers * usual + reaction.accepted) / (kOfOthers + reaction.shown);
  return reaction;
}

// Whether another channel is clearly better.
bool IsLessWelcome(std::string_view channel, const policy::ContactState& contacts, int64_t now,
                   const learn::Models& models) {
  constexpr double kRounding = 1e-4;  // the hub reckons in whole numbers
  const Channel* here = std::find_if(std::begin(kChannels), std::end(kChannels),
                                     [&](const Channel& one) { return one.name == channel; });
  const Reaction to_it = ReactionOn(*here, contacts, now, models);
  if (to_it.shown < kOutcomesKnown + kRounding) return false;
  return std::any_of(std::begin(kChannels), std::end(kChannels), [&](const Channel& other) {
    const Reaction reaction = ReactionOn(other, contacts, now, models);
    return reaction.shown >= kOutcomesKnown + kRounding &&
           to_it.rate < kLeastOfTheBest * reaction.rate - kRounding;
  });
}

}  // namespace

void Judge::OnDecided(engine::Fold& fold, const engine::Decided& decided) {
  const decision::Decision& made = decided.made;
  if (made.has_imported()) return;
  const std::string who = decided.person.ToString();
  const int64_t now = fold.log_time().micros;
  const auto refuse = [&](bool is_broken, std::string_view action, std::string_view why) {
    Require(!is_broken, base::StrCat(who, " is offered ", action, " ", why));
  };
  int64_t offers = 0;
  int cards = 0;
  int rivals = 0;
  for (const decision::Chosen& chosen : made.chosen()) {
    if (chosen.nothing()) continue;
    const std::string& action = chosen.action();
    coverage_.Count("choice judged");
    ++offers;
    refuse(action == "news" && !HasGranted(decided.row.profile(), "marketing", made.channel()),
           action, "without consent");
    refuse(IsSilenced(decided.row.contacts(), action, now), action, "though it was refused");
    refuse(action == "loan" && IsIn(decided, kBlockingSegment), action, "though they are blocked");
    refuse(IsLessWelcome(made.channel(), decided.row.contacts(), now, fold.models()), action,
           "on a channel that is less welcome");
    rivals += action == "news" ? 1 : 0;
    if (chosen.group() != "cards") continue;
    ++cards;
    refuse(LastOf(decided.row.profile(), "Bought") > now - kCoolDownHours * kHour, action,
           "while they cool down");
    refuse(HasGap(decided.row.contacts(), "cards", now), action, "too soon after another");
  }
  refuse(offers > 0 && CountedByCap(decided.row.contacts(), now) + offers > kCapMax, "anything",
         "beyond the cap");
  refuse(cards > 1, "cards", "twice at once");
  refuse(cards > 0 && rivals > 0, "cards", "beside a competitor");
  coverage_.Count("decision judged");
}

}  // namespace batuta::simulation

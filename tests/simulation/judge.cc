#include "simulation/judge.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "base/text.h"
#include "engine/fold.h"
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

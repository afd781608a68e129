#include "identity/claims.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/status.h"
#include "identity/evidence.h"
#include "identity/guards.h"
#include "identity/merge.h"
#include "identity/refs.h"

namespace batuta::identity {
namespace {

// After a refusal on the merits the same question is not asked at every event.
constexpr base::Duration kAskAgainAfter = base::Hours(24);
constexpr int kMostUncounted = 100;
constexpr int kMostLinks = 4000;

void ClaimIt(PersonIdentity& person, PersonIdentifier& entry, const Moment& moment, bool asserted,
             const Context& context, Outbox& outbox) {
  entry.set_unanswered(entry.unanswered() + 1);
  person.set_version(person.version() + 1);
  IdentityMessage& message = outbox.ToIdentifier(entry.hash(), context);
  message.set_type(entry.type());
  Claim& claim = *message.mutable_claim();
  *claim.mutable_claimant() = person.id();
  *claim.mutable_moment() = moment;
  claim.set_asserted(asserted);
  const auto& all = person.identifiers();
  claim.set_has_unique(std::any_of(all.begin(), all.end(), [&](const PersonIdentifier& other) {
    return other.ruling() == HELD && context.settings.Of(other.type()).unique;
  }));
}

// The time by which a new entry counts in windows: the event's. One that counts already, being on
// its way here with an accepted person, keeps the time by which that person was judged.
int64_t WindowTime(const PersonIdentity& person, const HashRef& hash,
                   const EventIdentifiers& event) {
  for (const Reservation& reservation : person.reservations()) {
    for (const Counted& identifier : reservation.identifiers()) {
      if (SameHash(identifier.hash(), hash)) return identifier.added_at(0);
    }
  }
  return event.provenance().moment().event_time();
}

// The entry of this identifier of the event, made in its place where the person has none.
PersonIdentifier& ListIt(PersonIdentity& person, const EventIdentifier& identifier,
                         const EventIdentifiers& event) {
  if (PersonIdentifier* entry = FindIdentifier(person, identifier.hash())) return *entry;
  const int64_t added_at = WindowTime(person, identifier.hash(), event);
  person.set_version(person.version() + 1);
  auto& all = *person.mutable_identifiers();
  PersonIdentifier& entry = *all.Add();
  entry.set_type(identifier.type());
  *entry.mutable_hash() = identifier.hash();
  if (identifier.has_value()) *entry.mutable_value() = identifier.value();
  *entry.mutable_first() = event.provenance();
  entry.set_first_seen(event.provenance().moment().event_time());
  entry.set_last_seen(entry.first_seen());
  entry.set_added_at(added_at);
  int place = all.size() - 1;
  for (; place > 0 && Compare(identifier.hash(), all[place - 1].hash()) < 0; --place) {
    all.SwapElements(place, place - 1);
  }
  return all[place];
}

void NoteSeen(PersonIdentifier& entry, const EventIdentifiers& event) {
  const int64_t time = event.provenance().moment().event_time();
  entry.set_first_seen(std::min(entry.first_seen(), time));
  entry.set_last_seen(std::max(entry.last_seen(), time));
}

// Whether the event gives reason to claim what the person does not have.
bool IsWorthAsking(const PersonIdentifier* entry, const Moment& linked, bool asserted,
                   const Context& context) {
  if (entry == nullptr || asserted || entry->ruling() == NONE) return true;
  if (context.settings.Of(entry->type()).weak) {
    return Compare(linked, entry->holder_claimed_at()) > 0;
  }
  return context.log_time - base::Time{entry->decided_at()} >= kAskAgainAfter;
}

// The indices of the event's identifiers that the person should claim, weakest last.
std::vector<int> Candidates(const PersonIdentity& person, const EventIdentifiers& event,
                            const Context& context) {
  std::vector<int> candidates;
  for (int i = 0; i < event.identifiers_size(); ++i) {
    const EventIdentifier& identifier = event.identifiers(i);
    if (identifier.blocked() || static_cast<uint32_t>(i) == event.anchor()) continue;
    const PersonIdentifier* entry = FindIdentifier(person, identifier.hash());
    if (entry != nullptr && IsCounted(*entry)) continue;
    const Moment linked = LinkedMoment(event, i, context.settings);
    if (IsWorthAsking(entry, linked, event.asserted(), context)) candidates.push_back(i);
  }
  std::sort(candidates.begin(), candidates.end(), [&](int a, int b) {
    const std::string& type_a = event.identifiers(a).type();
    const std::string& type_b = event.identifiers(b).type();
    return type_a != type_b ? context.settings.IsStrongerType(type_a, type_b) : a < b;
  });
  return candidates;
}

// Takes the weakest candidates away until the guards hold; says what was taken, with the reason.
std::vector<std::pair<int, Reason>> Demote(const PersonIdentity& person,
                                           const EventIdentifiers& event, const Context& context,
                                           std::vector<int>& candidates) {
  std::vector<std::pair<int, Reason>> demoted;
  if (candidates.empty()) return demoted;
  const Tally present(person);
  std::vector<Counted> added;
  for (const int index : candidates) {
    Counted& counted = added.emplace_back();
    counted.set_type(event.identifiers(index).type());
    *counted.mutable_hash() = event.identifiers(index).hash();
    counted.add_added_at(event.provenance().moment().event_time());
    counted.set_counted(true);
  }
  while (!added.empty()) {
    const auto reason = JudgeAddition(present, added, event.asserted(), context.settings);
    if (!reason.has_value()) break;
    demoted.emplace_back(candidates.back(), *reason);
    candidates.pop_back();
    added.pop_back();
  }
  return demoted;
}

void NoteLink(PersonIdentity& person, const EventIdentifiers& event, int index) {
  if (person.links_size() >= kMostLinks) return;
  const HashRef& anchor = event.identifiers(static_cast<int>(event.anchor())).hash();
  const HashRef& other = event.identifiers(index).hash();
  const bool anchor_is_low = Compare(anchor, other) < 0;
  Link link;
  *link.mutable_low() = anchor_is_low ? anchor : other;
  *link.mutable_high() = anchor_is_low ? other : anchor;
  link.set_asserted(event.asserted());
  *link.mutable_first() = event.provenance();
  AddLink(person, link);
}

// Notes the event on every listed identifier that it carries.
void NoteEvent(PersonIdentity& person, const EventIdentifiers& event, const Context& context) {
  for (int i = 0; i < event.identifiers_size(); ++i) {
    PersonIdentifier* entry = FindIdentifier(person, event.identifiers(i).hash());
    if (entry == nullptr || event.identifiers(i).blocked()) continue;
    NoteSeen(*entry, event);
    if (!IsCounted(*entry)) continue;  // demoted on this event: it proves nothing
    const Moment linked = LinkedMoment(event, i, context.settings);
    if (Compare(linked, entry->last_linked()) > 0) *entry->mutable_last_linked() = linked;
    if (static_cast<uint32_t>(i) != event.anchor()) NoteLink(person, event, i);
  }
}

// Forgets the identifiers not seen for longest among those that are not the person's. Not while
// another person counts on this list, or this one on another's.
void Trim(PersonIdentity& person) {
  if (person.has_offer() || person.reservations_size() > 0) return;
  auto& all = *person.mutable_identifiers();
  auto uncounted =
      std::count_if(all.begin(), all.end(), [](const auto& e) { return !IsCounted(e); });
  for (; uncounted > kMostUncounted; --uncounted) {
    const auto oldest = std::min_element(all.begin(), all.end(), [](const auto& a, const auto& b) {
      if (IsCounted(a) != IsCounted(b)) return IsCounted(b);
      return a.last_seen() < b.last_seen();
    });
    all.erase(oldest);
  }
}

void Reconsider(PersonIdentity& person, PersonIdentifier& entry, const Context& context,
                Outbox& outbox) {
  if (IsCounted(entry) || entry.ruling() == NONE || entry.reason() == BUSY) return;
  if (!context.settings.Of(entry.type()).weak) return;
  if (Compare(entry.last_linked(), entry.holder_claimed_at()) <= 0) return;
  Counted counted;
  counted.set_type(entry.type());
  *counted.mutable_hash() = entry.hash();
  counted.add_added_at(entry.added_at());
  counted.set_counted(true);
  if (JudgeAddition(Tally(person), {&counted, 1}, false, context.settings).has_value()) return;
  ClaimIt(person, entry, Moment(entry.last_linked()), false, context, outbox);
}

}  // namespace

bool IsCounted(const PersonIdentifier& identifier) {
  return identifier.ruling() == HELD || identifier.unanswered() > 0;
}

void TakeUp(PersonIdentity& person, const EventIdentifiers& event, const Context& context,
            Outbox& outbox) {
  std::vector<int> candidates = Candidates(person, event, context);
  for (const auto& [index, reason] : Demote(person, event, context, candidates)) {
    PersonIdentifier& entry = ListIt(person, event.identifiers(index), event);
    if (entry.ruling() == NONE) entry.set_reason(reason);
    entry.set_decided_at(context.log_time.micros);
  }
  for (const int index : candidates) {
    PersonIdentifier& entry = ListIt(person, event.identifiers(index), event);
    entry.set_added_at(std::min(entry.added_at(), event.provenance().moment().event_time()));
    ClaimIt(person, entry, LinkedMoment(event, index, context.settings), event.asserted(), context,
            outbox);
  }
  NoteEvent(person, event, context);
  Trim(person);
}

void ApplyRuling(PersonIdentifier& identifier, const PersonIdentifier& ruling) {
  if (ruling.seq() == identifier.seq() &&
      Compare(ruling.holder_claimed_at(), identifier.holder_claimed_at()) > 0) {
    *identifier.mutable_holder_claimed_at() = ruling.holder_claimed_at();
  }
  if (std::make_pair(ruling.seq(), ruling.ruling()) <=
      std::make_pair(identifier.seq(), identifier.ruling())) {
    return;
  }
  if (ruling.seq() > identifier.seq()) {
    *identifier.mutable_holder_claimed_at() = ruling.holder_claimed_at();
  }
  identifier.set_seq(ruling.seq());
  identifier.set_ruling(ruling.ruling());
  identifier.set_reason(ruling.reason());
}

void OnClaimAnswer(PersonIdentity& person, const HashRef& hash, const ClaimAnswer& answer,
                   const Context& context, Outbox& outbox) {
  PersonIdentifier* entry = FindIdentifier(person, hash);
  BATUTA_CHECK(entry != nullptr && entry->unanswered() > 0);
  entry->set_unanswered(entry->unanswered() - 1);
  PersonIdentifier ruling;
  ruling.set_seq(answer.seq());
  ruling.set_ruling(answer.granted() ? HELD : DENIED);
  ruling.set_reason(answer.reason());
  *ruling.mutable_holder_claimed_at() = answer.holder_claimed_at();
  ApplyRuling(*entry, ruling);
  if (!answer.granted()) {
    entry->set_decided_at(std::max(entry->decided_at(), context.log_time.micros));
  }
  Reconsider(person, *entry, context, outbox);
}

void OnRelease(PersonIdentity& person, const HashRef& hash, const Release& release,
               const Context& context, Outbox& outbox) {
  PersonIdentifier* entry = FindIdentifier(person, hash);
  if (entry == nullptr) return;  // forgotten, being someone else's by a later ruling already
  PersonIdentifier ruling;
  ruling.set_seq(release.seq());
  ruling.set_ruling(MOVED);
  ruling.set_reason(MOVED_TO_NEWER);
  *ruling.mutable_holder_claimed_at() = release.holder_claimed_at();
  ApplyRuling(*entry, ruling);
  Reconsider(person, *entry, context, outbox);
}

void ReconsiderAll(PersonIdentity& person, const Context& context, Outbox& outbox) {
  for (PersonIdentifier& entry : *person.mutable_identifiers()) {
    Reconsider(person, entry, context, outbox);
  }
}

}  // namespace batuta::identity

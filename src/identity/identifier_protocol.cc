#include "identity/identifier_protocol.h"

#include <algorithm>
#include <utility>

#include "base/status.h"
#include "identity/evidence.h"
#include "identity/refs.h"

namespace batuta::identity {
namespace {

// Beyond so many claims in line, one more is refused, so that an identifier that everyone carries
// cannot grow its row without bound. The claimant asks again with a later event.
constexpr int kMostWaiting = 1000;
// A record's offset is the high part of the numbers given in it: a number is never used twice for
// one identifier, even when its row was removed in between.
constexpr int kSeqBits = 16;

void RaiseSeq(IdentifierRow& row, const Context& context) {
  const uint64_t offset = base::Number(context.position.offset);
  row.set_seq(std::max(row.seq() + 1, offset << kSeqBits));
}

void Point(IdentifierRow& row, const PersonRef& person, const PersonRef& granted_to,
           const Context& context) {
  *row.mutable_person() = person;
  *row.mutable_granted_to() = granted_to;
  row.clear_claimed_at();
  row.set_holder_unique(false);
  RaiseSeq(row, context);
}

void Clear(IdentifierRow& row, const Context& context) {
  row.clear_person();
  row.clear_granted_to();
  row.clear_claimed_at();
  row.clear_holder_unique();
  row.clear_shared();
  RaiseSeq(row, context);
}

// What the holder's claim showed joins what was known of the holder.
void Credit(IdentifierRow& row, const WaitingClaim& claim) {
  if (Compare(claim.moment(), row.claimed_at()) > 0) *row.mutable_claimed_at() = claim.moment();
  row.set_holder_unique(row.holder_unique() || claim.has_unique());
}

IdentityMessage& AboutThis(const IdentifierRow& row, const PersonRef& person, Outbox& outbox) {
  IdentityMessage& message = outbox.ToPerson(person);
  *message.mutable_about() = row.hash();
  message.set_type(row.type());
  return message;
}

void Grant(IdentifierRow& row, const WaitingClaim& claim, Outbox& outbox) {
  BATUTA_CHECK(row.has_person());
  Credit(row, claim);
  ClaimAnswer& answer = *AboutThis(row, claim.claimant(), outbox).mutable_claim_answer();
  answer.set_granted(true);
  answer.set_seq(row.seq());
}

void Deny(const IdentifierRow& row, const PersonRef& claimant, Reason reason, Outbox& outbox) {
  ClaimAnswer& answer = *AboutThis(row, claimant, outbox).mutable_claim_answer();
  answer.set_seq(row.seq());
  answer.set_reason(reason);
  *answer.mutable_holder_claimed_at() = row.claimed_at();
}

// A weak identifier goes to whoever was recognised on it last.
void MoveOrDeny(IdentifierRow& row, const WaitingClaim& claim, const Context& context,
                Outbox& outbox) {
  if (Compare(claim.moment(), row.claimed_at()) <= 0) {
    Deny(row, claim.claimant(), MOVED_TO_NEWER, outbox);
    return;
  }
  const PersonRef former = row.granted_to();
  Point(row, claim.current(), claim.claimant(), context);
  row.set_shared(true);
  Release& release = *AboutThis(row, former, outbox).mutable_release();
  release.set_seq(row.seq());
  *release.mutable_holder_claimed_at() = claim.moment();
  Grant(row, claim, outbox);
}

// Answers what can be answered without asking the persons. False when they must be introduced.
bool AnswerAtOnce(IdentifierRow& row, const WaitingClaim& claim, const Context& context,
                  Outbox& outbox) {
  if (!row.has_person()) {
    Point(row, claim.current(), claim.claimant(), context);
    Grant(row, claim, outbox);
    return true;
  }
  if (SamePerson(row.person(), claim.current())) {
    Grant(row, claim, outbox);
    return true;
  }
  // Whatever the two are, this identifier may not join them. Should they be one person already, the
  // move is from them to them, and its number tells.
  const bool weak = context.settings.Of(row.type()).weak;
  if (weak && !claim.asserted() && claim.has_unique() && row.holder_unique()) {
    MoveOrDeny(row, claim, context, outbox);
    return true;
  }
  return false;
}

void Introduce(IdentifierRow& row, const WaitingClaim& claim, const Context& context,
               Outbox& outbox) {
  const bool holder_is_weaker = IsStronger(claim.current(), row.person());
  IdentityMessage& message =
      AboutThis(row, holder_is_weaker ? row.person() : claim.current(), outbox);
  Introduction& introduction = *message.mutable_introduce();
  *introduction.mutable_via() = row.hash();
  introduction.set_type(row.type());
  *introduction.mutable_holder() = row.person();
  *introduction.mutable_claimant() = claim.current();
  introduction.set_at_holder(holder_is_weaker);
  introduction.set_number(claim.number());
  introduction.set_weak(context.settings.Of(row.type()).weak);
  introduction.set_asserted(claim.asserted());
  row.set_asked_seq(row.seq());
}

void PopClaim(IdentifierRow& row) { row.mutable_waiting()->DeleteSubrange(0, 1); }

// Answers waiting claims until one needs an introduction or none is left.
void WorkOff(IdentifierRow& row, const Context& context, Outbox& outbox) {
  while (row.waiting_size() > 0) {
    const WaitingClaim claim = row.waiting(0);
    if (!AnswerAtOnce(row, claim, context, outbox)) {
      Introduce(row, claim, context, outbox);
      return;
    }
    PopClaim(row);
  }
}

void OnClaim(IdentifierRow& row, const Claim& claim, const Context& context, Outbox& outbox) {
  if (row.waiting_size() >= kMostWaiting) {
    Deny(row, claim.claimant(), BUSY, outbox);
    return;
  }
  WaitingClaim& waiting = *row.add_waiting();
  *waiting.mutable_claimant() = claim.claimant();
  *waiting.mutable_current() = claim.claimant();
  *waiting.mutable_moment() = claim.moment();
  waiting.set_has_unique(claim.has_unique());
  waiting.set_asserted(claim.asserted());
  row.set_claims(row.claims() + 1);
  waiting.set_number(row.claims());
  if (row.waiting_size() == 1) WorkOff(row, context, outbox);
}

// Of two names of one lineage the stronger is the later.
void Advance(IdentifierRow& row, const PersonRef& person) {
  if (IsStronger(person, row.person())) *row.mutable_person() = person;
}

// Acts on what became of the introduction, the pointer having stayed since it left.
void Conclude(IdentifierRow& row, const WaitingClaim& claim, const Settled& settled,
              const Context& context, Outbox& outbox) {
  switch (settled.result()) {
    case Settled::MERGED:
      Advance(row, settled.holder());
      Grant(row, claim, outbox);
      return;
    case Settled::HOLDER_GONE:
      Point(row, claim.current(), claim.claimant(), context);
      Grant(row, claim, outbox);
      return;
    case Settled::REJECTED:
      Advance(row, settled.holder());
      if (context.settings.Of(row.type()).weak) {
        MoveOrDeny(row, claim, context, outbox);
      } else {
        Deny(row, claim.claimant(), HELD_BY_OTHER, outbox);
      }
      return;
    default:
      BATUTA_CHECK(false, "an introduction ended in an unknown way");
  }
}

void OnSettled(IdentifierRow& row, const Settled& settled, const Context& context, Outbox& outbox) {
  BATUTA_CHECK(row.waiting_size() > 0 && row.waiting(0).number() == settled.number());
  WaitingClaim claim = row.waiting(0);
  if (settled.result() != Settled::CLAIMANT_GONE) {
    *claim.mutable_current() = settled.claimant();
    *row.mutable_waiting(0) = claim;
    if (row.seq() == row.asked_seq()) {
      Conclude(row, claim, settled, context, outbox);
    } else {
      WorkOff(row, context, outbox);  // the pointer has moved: the claim is judged anew
      return;
    }
  }
  PopClaim(row);
  WorkOff(row, context, outbox);
}

}  // namespace

Routed RouteEvent(IdentifierRow& row, const EventIdentifiers& event, const Context& context) {
  BATUTA_CHECK(event.anchor() < static_cast<uint32_t>(event.identifiers_size()));
  const int index = static_cast<int>(event.anchor());
  const EventIdentifier& anchor = event.identifiers(index);
  // The long way goes behind everything that the holder was sent, so it ends where the anchor is,
  // or behind the word that it is no longer there: an event is not sent to and fro.
  if (row.has_person() && event.rerouted()) {
    return {.person = FromRef(row.granted_to()), .by_message = true};
  }
  if (row.has_person()) return {.person = FromRef(row.person())};
  const base::PersonId id{context.position.partition, context.settings.RankOf(anchor.type()),
                          base::RecordId::FromBytes(event.record_id())};
  *row.mutable_hash() = anchor.hash();
  row.set_type(anchor.type());
  Point(row, ToRef(id), ToRef(id), context);
  *row.mutable_claimed_at() = LinkedMoment(event, index, context.settings);
  row.set_holder_unique(context.settings.Of(anchor.type()).unique);
  return {.person = id, .created = true};
}

void OnIdentifierMessage(IdentifierRow& row, const IdentityMessage& message, const Context& context,
                         Outbox& outbox) {
  BATUTA_CHECK(message.has_to_identifier());
  *row.mutable_hash() = message.to_identifier();
  row.set_type(message.type());
  switch (message.body_case()) {
    case IdentityMessage::kClaim:
      return OnClaim(row, message.claim(), context, outbox);
    case IdentityMessage::kSettled:
      return OnSettled(row, message.settled(), context, outbox);
    case IdentityMessage::kRepoint:
      if (row.has_person() && row.seq() == message.repoint().seq()) {
        Advance(row, message.repoint().person());
      }
      return;
    case IdentityMessage::kEraseIdentifier:
      if (row.has_person() && row.seq() == message.erase_identifier().seq()) Clear(row, context);
      return;
    default:
      BATUTA_CHECK(false, "not a message to an identifier");
  }
}

bool IsRemovable(const IdentifierRow& row) { return !row.has_person() && row.waiting_size() == 0; }

}  // namespace batuta::identity

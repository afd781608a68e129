#include "identity/person_protocol.h"

#include <algorithm>
#include <utility>

#include "base/status.h"
#include "identity/claims.h"
#include "identity/guards.h"
#include "identity/merge.h"
#include "identity/refs.h"

namespace batuta::identity {
namespace {

const PersonRef& OtherSide(const Introduction& introduction) {
  return introduction.at_holder() ? introduction.claimant() : introduction.holder();
}

void SetSides(Introduction& introduction, const PersonRef& own, const PersonRef& other) {
  *introduction.mutable_holder() = introduction.at_holder() ? own : other;
  *introduction.mutable_claimant() = introduction.at_holder() ? other : own;
}

void Settle(const Introduction& introduction, Settled::Result result, const Context& context,
            Outbox& outbox) {
  IdentityMessage& message = outbox.ToIdentifier(introduction.via(), context);
  message.set_type(introduction.type());
  Settled& settled = *message.mutable_settled();
  settled.set_result(result);
  settled.set_number(introduction.number());
  *settled.mutable_holder() = introduction.holder();
  *settled.mutable_claimant() = introduction.claimant();
}

// One of the two was erased: the side that is at this person, or the other.
void SettleGone(const Introduction& introduction, bool own_side, const Context& context,
                Outbox& outbox) {
  const bool holder = introduction.at_holder() == own_side;
  Settle(introduction, holder ? Settled::HOLDER_GONE : Settled::CLAIMANT_GONE, context, outbox);
}

// ---- The weaker side

void MakeOffer(PersonIdentity& person, Introduction introduction, Outbox& outbox) {
  BATUTA_CHECK(!IsTombstone(person) && IsStronger(OtherSide(introduction), person.id()));
  person.set_offers_made(person.offers_made() + 1);
  OutstandingOffer& outstanding = *person.mutable_offer();
  outstanding.set_number(person.offers_made());
  outstanding.set_version(person.version());

  Offer& offer = *outbox.ToPerson(OtherSide(introduction)).mutable_offer();
  *offer.mutable_from() = person.id();
  offer.set_number(outstanding.number());
  const Tally tally(person);
  for (Counted& counted : tally.List()) *offer.add_identifiers() = std::move(counted);
  offer.set_merges(tally.merges);
  offer.set_weak(introduction.weak());
  offer.set_asserted(introduction.asserted());
  *outstanding.mutable_introduction() = std::move(introduction);
}

void OfferNext(PersonIdentity& person, Outbox& outbox) {
  if (person.has_offer() || person.queue_size() == 0) return;
  Introduction next = person.queue(0);
  person.mutable_queue()->DeleteSubrange(0, 1);
  MakeOffer(person, std::move(next), outbox);
}

void SendIntroduction(const PersonRef& person, Introduction introduction, Outbox& outbox) {
  IdentityMessage& message = outbox.ToPerson(person);
  *message.mutable_about() = introduction.via();
  message.set_type(introduction.type());
  *message.mutable_introduce() = std::move(introduction);
}

void OnIntroduction(PersonIdentity& person, Introduction introduction, const Context& context,
                    Outbox& outbox) {
  const PersonRef other = OtherSide(introduction);
  SetSides(introduction, person.id(), other);
  if (SamePerson(other, person.id())) {
    Settle(introduction, Settled::MERGED, context, outbox);
  } else if (IsStronger(person.id(), other)) {
    introduction.set_at_holder(!introduction.at_holder());
    SendIntroduction(other, std::move(introduction), outbox);
  } else {
    *person.add_queue() = std::move(introduction);
    OfferNext(person, outbox);
  }
}

// The person becomes a tombstone; all that identity knows of them goes to the survivor.
Outcome MergeAway(PersonIdentity& person, const PersonRef& survivor, const Context& context,
                  Outbox& outbox) {
  Introduction introduction = std::move(*person.mutable_offer()->mutable_introduction());
  const HashRef via = introduction.via();
  std::vector<Introduction> queue(person.queue().begin(), person.queue().end());
  person.clear_offer();
  person.clear_queue();

  Absorb& absorb = *outbox.ToPerson(survivor).mutable_absorb();
  *absorb.mutable_from() = person.id();
  *absorb.mutable_via() = via;
  PersonIdentity tombstone;
  *tombstone.mutable_id() = person.id();
  *tombstone.mutable_merged_into() = survivor;
  tombstone.set_version(person.version());
  *absorb.mutable_identity() = std::exchange(person, std::move(tombstone));
  Outcome outcome{.change = PersonChange::kMergedAway,
                  .absorb_index = outbox.messages().size() - 1};

  SetSides(introduction, survivor, survivor);
  Settle(introduction, Settled::MERGED, context, outbox);
  for (Introduction& waiting : queue) {
    SetSides(waiting, survivor, PersonRef(OtherSide(waiting)));
    SendIntroduction(survivor, std::move(waiting), outbox);
  }
  return outcome;
}

void SendWithdraw(const PersonRef& to, const PersonRef& from, Outbox& outbox) {
  *outbox.ToPerson(to).mutable_withdraw()->mutable_from() = from;
}

Outcome OnOfferAnswer(PersonIdentity& person, const OfferAnswer& answer, const Context& context,
                      Outbox& outbox) {
  BATUTA_CHECK(person.has_offer() && person.offer().number() == answer.number());
  if (answer.accepted() && person.offer().version() == person.version()) {
    return MergeAway(person, answer.by(), context, outbox);
  }
  Introduction introduction = std::move(*person.mutable_offer()->mutable_introduction());
  person.clear_offer();
  SetSides(introduction, person.id(), answer.by());
  if (answer.accepted()) {  // the set has grown since: it must be judged as it is now
    MakeOffer(person, std::move(introduction), outbox);
    return {};
  }
  if (answer.gone()) {
    SettleGone(introduction, false, context, outbox);
  } else {
    Settle(introduction, Settled::REJECTED, context, outbox);
  }
  OfferNext(person, outbox);
  return {};
}

// ---- The stronger side

bool DropReservation(PersonIdentity& person, const PersonRef& of) {
  auto& all = *person.mutable_reservations();
  const auto found = std::find_if(all.begin(), all.end(), [&of](const Reservation& reservation) {
    return SamePerson(reservation.person(), of);
  });
  if (found == all.end()) return false;
  all.erase(found);
  return true;
}

void Reserve(PersonIdentity& person, const Offer& offer) {
  Reservation& reservation = *person.add_reservations();
  *reservation.mutable_person() = offer.from();
  *reservation.mutable_identifiers() = offer.identifiers();
  reservation.set_merges(offer.merges());
  auto& all = *person.mutable_reservations();
  std::sort(all.begin(), all.end(), [](const Reservation& a, const Reservation& b) {
    return FromRef(a.person()) < FromRef(b.person());
  });
  person.set_version(person.version() + 1);
}

OfferAnswer& AnswerOffer(const PersonIdentity& person, const Offer& offer, Outbox& outbox) {
  OfferAnswer& answer = *outbox.ToPerson(offer.from()).mutable_offer_answer();
  *answer.mutable_by() = person.id();
  answer.set_number(offer.number());
  return answer;
}

void OnOffer(PersonIdentity& person, const Offer& offer, const Context& context, Outbox& outbox) {
  BATUTA_CHECK(IsStronger(person.id(), offer.from()));
  DropReservation(person, offer.from());
  Tally weaker;
  for (const Counted& identifier : offer.identifiers()) weaker.Add(identifier);
  weaker.merges = offer.merges();
  const Bridge bridge{.weak = offer.weak(), .asserted = offer.asserted()};
  const bool accepted = MayMerge(Tally(person), weaker, bridge, context.settings);
  if (accepted) Reserve(person, offer);
  AnswerOffer(person, offer, outbox).set_accepted(accepted);
}

Outcome OnAbsorb(PersonIdentity& person, Absorb absorb, const Context& context, Outbox& outbox) {
  const bool was_accepted = DropReservation(person, absorb.from());
  BATUTA_CHECK(was_accepted, "a person arrived who was not accepted");
  for (const PersonIdentifier& identifier : absorb.identity().identifiers()) {
    if (identifier.ruling() != HELD) continue;
    IdentityMessage& message = outbox.ToIdentifier(identifier.hash(), context);
    message.set_type(identifier.type());
    message.mutable_repoint()->set_seq(identifier.seq());
    *message.mutable_repoint()->mutable_person() = person.id();
  }
  PersonIdentity one;
  Absorbed& absorbed = *one.add_absorbed();
  *absorbed.mutable_person() = absorb.from();
  *absorbed.mutable_via() = absorb.via();
  absorbed.set_log_time(context.log_time.micros);
  absorbed.set_partition(base::Index(context.position.partition));
  absorbed.set_offset(base::Number(context.position.offset));
  MergeKnowledge(person, absorb.identity());
  MergeKnowledge(person, one);
  ReconsiderAll(person, context, outbox);
  return {.change = PersonChange::kAbsorbed,
          .from = FromRef(absorb.from()),
          .rows = std::move(*absorb.mutable_rows())};
}

// ---- Erasure

// Takes the identifiers that are these entries' away from the erased person.
Outcome EraseHeld(const PersonIdentity& of, const Context& context, Outbox& outbox) {
  Outcome outcome{.change = PersonChange::kErased};
  for (const PersonIdentifier& identifier : of.identifiers()) {
    if (identifier.ruling() != HELD) continue;
    outcome.erased.push_back(FromRef(identifier.hash()));
    IdentityMessage& message = outbox.ToIdentifier(identifier.hash(), context);
    message.set_type(identifier.type());
    message.mutable_erase_identifier()->set_seq(identifier.seq());
  }
  return outcome;
}

// An offer on its way stays known by its number, so that its acceptance can be withdrawn.
Outcome Erase(PersonIdentity& person, const Context& context, Outbox& outbox) {
  Outcome outcome = EraseHeld(person, context, outbox);
  if (person.has_offer()) {
    SettleGone(person.offer().introduction(), true, context, outbox);
  }
  for (const Introduction& waiting : person.queue()) SettleGone(waiting, true, context, outbox);
  PersonIdentity tombstone;
  *tombstone.mutable_id() = person.id();
  tombstone.set_erased(true);
  tombstone.set_version(person.version());
  if (person.has_offer()) tombstone.mutable_offer()->set_number(person.offer().number());
  person = std::move(tombstone);
  return outcome;
}

// The identifier that was just granted to an erased person.
Outcome ReturnGrant(const IdentityMessage& message, const Context& context, Outbox& outbox) {
  PersonIdentity granted;
  PersonIdentifier& identifier = *granted.add_identifiers();
  *identifier.mutable_hash() = message.about();
  identifier.set_type(message.type());
  identifier.set_ruling(HELD);
  identifier.set_seq(message.claim_answer().seq());
  return EraseHeld(granted, context, outbox);
}

Outcome OnMessageToErased(PersonIdentity& person, IdentityMessage message, const Context& context,
                          Outbox& outbox) {
  switch (message.body_case()) {
    case IdentityMessage::kClaimAnswer:
      if (message.claim_answer().granted()) return ReturnGrant(message, context, outbox);
      return {};
    case IdentityMessage::kIntroduce:
      SettleGone(message.introduce(), true, context, outbox);
      return {};
    case IdentityMessage::kOffer:
      AnswerOffer(person, message.offer(), outbox).set_gone(true);
      return {};
    case IdentityMessage::kOfferAnswer:
      if (message.offer_answer().accepted()) {
        SendWithdraw(message.offer_answer().by(), person.id(), outbox);
      }
      person.clear_offer();
      return {};
    case IdentityMessage::kAbsorb: {
      Outcome outcome = EraseHeld(message.absorb().identity(), context, outbox);
      outcome.from = FromRef(message.absorb().from());
      outcome.rows = std::move(*message.mutable_absorb()->mutable_rows());
      return outcome;
    }
    default:
      return {};  // a release, a withdrawal or a second erasure: there is nothing left
  }
}

Outcome OnMessageToLiving(PersonIdentity& person, IdentityMessage message, const Context& context,
                          Outbox& outbox) {
  switch (message.body_case()) {
    case IdentityMessage::kClaimAnswer:
      OnClaimAnswer(person, message.about(), message.claim_answer(), context, outbox);
      return {};
    case IdentityMessage::kRelease:
      OnRelease(person, message.about(), message.release(), context, outbox);
      return {};
    case IdentityMessage::kIntroduce:
      OnIntroduction(person, std::move(*message.mutable_introduce()), context, outbox);
      return {};
    case IdentityMessage::kOffer:
      OnOffer(person, message.offer(), context, outbox);
      return {};
    case IdentityMessage::kOfferAnswer:
      return OnOfferAnswer(person, message.offer_answer(), context, outbox);
    case IdentityMessage::kAbsorb:
      return OnAbsorb(person, std::move(*message.mutable_absorb()), context, outbox);
    case IdentityMessage::kWithdraw:
      DropReservation(person, message.withdraw().from());
      return {};
    case IdentityMessage::kErasePerson:
      return Erase(person, context, outbox);
    default:
      BATUTA_CHECK(false, "not a message to a person");
  }
  return {};
}

}  // namespace

PersonIdentity CreatePerson(const base::PersonId& id, const IdentifierRow& row,
                            const EventIdentifiers& event, const Context& context) {
  BATUTA_CHECK(FromRef(row.person()) == id && id.partition == context.position.partition);
  const EventIdentifier& anchor = event.identifiers(static_cast<int>(event.anchor()));
  PersonIdentity person;
  *person.mutable_id() = row.person();
  person.set_version(1);
  PersonIdentifier& entry = *person.add_identifiers();
  entry.set_type(anchor.type());
  *entry.mutable_hash() = anchor.hash();
  if (anchor.has_value()) *entry.mutable_value() = anchor.value();
  *entry.mutable_first() = event.provenance();
  entry.set_first_seen(event.provenance().moment().event_time());
  entry.set_last_seen(entry.first_seen());
  entry.set_added_at(entry.first_seen());
  entry.set_ruling(HELD);
  entry.set_seq(row.seq());
  return person;
}

EventVerdict OnEvent(PersonIdentity& person, const EventIdentifiers& event, const Context& context,
                     Outbox& outbox) {
  BATUTA_CHECK(event.anchor() < static_cast<uint32_t>(event.identifiers_size()));
  if (person.has_merged_into()) return {EventFate::kForwarded, FromRef(person.merged_into())};
  const HashRef& anchor = event.identifiers(static_cast<int>(event.anchor())).hash();
  const PersonIdentifier* entry = FindIdentifier(person, anchor);
  if (entry == nullptr || !IsCounted(*entry)) return {EventFate::kReroute, {}};
  TakeUp(person, event, context, outbox);
  return {};
}

Outcome OnPersonMessage(PersonIdentity& person, IdentityMessage message, const Context& context,
                        Outbox& outbox) {
  BATUTA_CHECK(SamePerson(message.to_person(), person.id()));
  if (person.has_merged_into()) {
    outbox.Forward(person.merged_into(), std::move(message));
    return {.change = PersonChange::kForwarded};
  }
  if (person.erased()) return OnMessageToErased(person, std::move(message), context, outbox);
  return OnMessageToLiving(person, std::move(message), context, outbox);
}

IdentifierStatus StatusOf(const PersonIdentifier& identifier) {
  if (identifier.ruling() == HELD) return IdentifierStatus::kConfirmed;
  if (identifier.unanswered() > 0) return IdentifierStatus::kPending;
  return identifier.ruling() == MOVED ? IdentifierStatus::kMoved : IdentifierStatus::kDemoted;
}

bool HasUnsettledLinks(const PersonIdentity& person) {
  if (person.has_offer() || person.queue_size() > 0 || person.reservations_size() > 0) return true;
  const auto& all = person.identifiers();
  return std::any_of(all.begin(), all.end(),
                     [](const PersonIdentifier& each) { return each.unanswered() > 0; });
}

}  // namespace batuta::identity

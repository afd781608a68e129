// Identity's messages, and what a person who merges takes along.
#include <utility>

#include "base/status.h"
#include "decision/lifecycle.h"
#include "engine/fold.h"
#include "engine/lessons.h"
#include "identity/identifier_protocol.h"
#include "identity/refs.h"
#include "policy/contacts.h"
#include "profile/merge.h"

namespace batuta::engine {

identity::Context Fold::IdentityContext() const {
  return {.settings = definitions_->identity,
          .log_time = log_time(),
          .position = current_.position,
          .partition_count = settings_.partitions};
}

void Fold::CreatePerson(const base::PersonId& person, const identity::IdentifierRow& row,
                        const identity::EventIdentifiers& event) {
  PersonRow& made = state_.people.Mutable(person);
  BATUTA_CHECK(!made.has_identity(), "a person is made once");
  *made.mutable_identity() = identity::CreatePerson(person, row, event, IdentityContext());
  tallies().set_people(tallies().people() + 1);
  NumberPerson(person, made);
  CopyConsents(identity::FromRef(row.hash()));  // stated before anybody had the address
}

std::optional<base::PersonId> Fold::MergedInto(const PersonRow& row) {
  if (!row.identity().has_merged_into()) return std::nullopt;
  return identity::FromRef(row.identity().merged_into());
}

void Fold::SendAll(identity::Outbox& outbox) {
  for (identity::Outgoing& outgoing : outbox.messages()) {
    Message message;
    *message.mutable_identity() = std::move(outgoing.message);
    Send(outgoing.destination, std::move(message));
  }
}

void Fold::OnIdentityMessage(identity::IdentityMessage message) {
  if (message.has_to_identifier()) {
    AtIdentifier(message);
  } else {
    AtPerson(std::move(message));
  }
}

void Fold::AtIdentifier(const identity::IdentityMessage& message) {
  const base::IdentifierHash hash = identity::FromRef(message.to_identifier());
  identity::IdentifierRow& row = state_.identifiers.Mutable(hash);
  const base::PersonId before = identity::FromRef(row.person());
  identity::Outbox outbox;
  identity::OnIdentifierMessage(row, message, IdentityContext(), outbox);
  const base::PersonId after = identity::FromRef(row.person());
  if (identity::IsRemovable(row)) state_.identifiers.Erase(hash);
  SendAll(outbox);
  // The holder was erased: now it is nobody's, or already that of who waited for it.
  const bool was_erased =
      message.has_erase_identifier() ||
      (message.has_settled() && message.settled().result() == identity::Settled::HOLDER_GONE);
  if (after != before && was_erased) ForgetGrants(hash);
  if (after != before && !after.IsZero()) CopyConsents(hash);
}

void Fold::AtPerson(identity::IdentityMessage message) {
  const base::PersonId person = identity::FromRef(message.to_person());
  PersonRow& row = state_.people.Mutable(person);
  BATUTA_CHECK(row.has_identity(), "a message reached a person who was never made");
  const bool was_erased = row.identity().erased();
  identity::Outbox outbox;
  identity::Outcome outcome = identity::OnPersonMessage(*row.mutable_identity(), std::move(message),
                                                        IdentityContext(), outbox);
  switch (outcome.change) {
    case identity::PersonChange::kMergedAway: {
      identity::IdentityMessage& message_away = outbox.messages()[outcome.absorb_index].message;
      BATUTA_CHECK(message_away.has_absorb(), "who merges away sends what they are");
      message_away.mutable_absorb()->set_rows(TakeBaggage(person, row));
      tallies().set_people(tallies().people() - 1);
      tallies().set_merges(tallies().merges() + 1);
      break;
    }
    case identity::PersonChange::kAbsorbed:
      AddBaggage(person, row, outcome.from, outcome.rows);
      break;
    case identity::PersonChange::kErased:
      if (!was_erased) {  // else somebody or something arrived for who is gone already
        tallies().set_people(tallies().people() - 1);
        tallies().set_erasures(tallies().erasures() + 1);
      }
      DropPerson(person, row, outcome.erased);
      if (!outcome.rows.empty()) DropBaggage(outcome.from, outcome.rows);
      break;
    case identity::PersonChange::kNone:
      Touch(person).Add(segment::Facet::kIdentifiers);
      break;
    case identity::PersonChange::kForwarded:
      break;
  }
  SendAll(outbox);
  DecideNext(person);
}

// Everything but identity leaves with the person; what stays is the tombstone.
std::string Fold::TakeBaggage(const base::PersonId& person, PersonRow& row) {
  PersonBaggage baggage;
  for (const uint32_t number : row.profile().timeline().blocks().number()) {
    const std::string key = TimelineKey(person, number);
    const auto stored = state_.timeline.Get(key);
    BATUTA_CHECK(stored.has_value());
    baggage.add_block_numbers(number);
    BATUTA_CHECK(baggage.add_blocks()->ParseFromString(*stored));
    state_.timeline.Erase(key);
  }
  baggage.mutable_profile()->Swap(row.mutable_profile());
  baggage.mutable_contacts()->Swap(row.mutable_contacts());
  baggage.mutable_open()->Swap(row.mutable_open());
  for (WaitingDecision& waiting : *row.mutable_waiting()) ReturnKept(waiting);
  baggage.mutable_waiting()->Swap(row.mutable_waiting());
  baggage.mutable_features()->Swap(row.mutable_features());
  TakeMissing(row, baggage);
  DropFeatures(person, row);
  LeaveHoldouts(row);
  baggage.mutable_holdouts()->Swap(row.mutable_holdouts());
  baggage.mutable_lessons()->swap(*row.mutable_lessons());
  row.clear_profile();
  row.clear_contacts();
  row.clear_open();
  row.clear_deciding();  // the decision arrives here and is forwarded
  baggage.mutable_segments()->CopyFrom(row.segments());
  LeaveSegments(person, row);
  return baggage.SerializeAsString();
}

// Somebody merged into a person who was erased meanwhile: they go, too.
void Fold::DropBaggage(const base::PersonId& from, std::string_view bytes) {
  PersonBaggage baggage;
  BATUTA_CHECK(baggage.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  LeaveGroups(baggage.profile(), from);
  DropChoices(baggage.open());
  ForgetLessons(baggage.lessons());
  for (const WaitingDecision& waiting : baggage.waiting()) {
    RefuseDecision(waiting.ask(), absl::AbortedError("the person was erased meanwhile; ask again"));
  }
}

void Fold::AddBaggage(const base::PersonId& person, PersonRow& row, const base::PersonId& from,
                      std::string_view bytes) {
  PersonBaggage baggage;
  BATUTA_CHECK(baggage.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  const profile::TimelineChanges changes =
      profile::Merge(definitions_->rules, baggage.profile(), *row.mutable_profile());
  for (const auto& move : changes.moves) {
    int at = 0;
    while (baggage.block_numbers(at) != move.from) ++at;
    state_.timeline.Put(TimelineKey(person, move.to), baggage.blocks(at).SerializeAsString());
  }
  ApplyTimelineChanges(person, changes);
  MoveMemberships(baggage.profile(), from, person);
  MergeFeatures(baggage, person, row);
  MergeHoldouts(baggage, row);
  row.set_lessons(MergeLessons(row.lessons(), baggage.lessons()));
  *row.mutable_contacts() = policy::Merge(row.contacts(), baggage.contacts());
  *row.mutable_open() = decision::Merge(row.open(), baggage.open());
  for (const decision::OpenDecision& open : baggage.open().decisions()) {
    SetChoiceTimers(person, open);
  }
  for (WaitingDecision& waiting : *baggage.mutable_waiting()) {
    DecisionOnWay on_way;
    *on_way.mutable_ask() = std::move(*waiting.mutable_ask());
    *on_way.mutable_person() = identity::ToRef(person);
    Message message;
    *message.mutable_decision() = std::move(on_way);
    Send(settings_.partition, std::move(message));
  }
  Touched& touched = Touch(person);
  touched.everything = true;
  touched.cause = profile::Cause::kMerge;
  segment::Merge(baggage.segments(), touched.inherited);
  AddToTimeline(person, profile::EntryKind::kMerge, log_time(), current_.position);
}

}  // namespace batuta::engine

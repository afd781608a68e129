// Decisions: a request finds its person, waits for unsettled links and for the decision before it,
// is answered by the pipeline, and counts once its record is durable.
#include <utility>

#include "absl/algorithm/container.h"
#include "base/encoding.h"
#include "base/hash.h"
#include "base/status.h"
#include "base/value.h"
#include "decision/decide.h"
#include "decision/imported.h"
#include "engine/decision_inputs.h"
#include "engine/fold.h"
#include "google/protobuf/arena.h"
#include "identity/identifier_protocol.h"
#include "identity/refs.h"
#include "policy/contacts.h"

namespace batuta::engine {
namespace {

// How long a decision waits for links of its person that are being resolved.
constexpr base::Duration kSettleWait = base::Millis(50);

// Two requests of the same hash ask for the same.
uint64_t HashOfQuestion(const DecisionAsk& ask) {
  const decision::DecisionRequest& request = ask.request();
  base::ByteWriter question;
  question.Raw(identity::FromRef(ask.person().identifier().hash()).ToBytes());
  if (ask.person().has_id()) question.Raw(identity::FromRef(ask.person().id()).ToBytes());
  question.Bytes(request.placement());
  question.U32(request.slots());
  question.U8(request.dry_run() ? 1 : 0);
  question.Raw(base::CanonicalHash(request.context()).ToBytes());
  return base::Hash64(question.bytes());
}

}  // namespace

// At the home of the identifier. A request for somebody unknown makes them: the first that a
// visitor does may be to ask for a page with a decision on it.
void Fold::OnDecisionAsk(DecisionAsk ask) {
  const decision::DecisionRequest& request = ask.request();
  if (request.has_imported()) {
    const std::string key = PartitionState::KeyOf(RowKind::kImported, request.request_id());
    if (state_.rows.Get(key).has_value()) {
      return ReplyError(request.request_id(), absl::AlreadyExistsError("it was taken before"));
    }
    state_.rows.Put(key, "");
  }
  if (!request.idempotency_key().empty()) {
    const base::Id128 id = base::Id128::FromBytes(request.request_id());
    switch (state_.dedup.Check(id, HashOfQuestion(ask), log_time())) {
      case Dedup::Verdict::kNew:
        break;
      case Dedup::Verdict::kDuplicate:
        return ReplyError(request.request_id(), absl::AlreadyExistsError("answered before"));
      case Dedup::Verdict::kMismatch:
        return ReplyError(
            request.request_id(),
            absl::FailedPreconditionError("the same Idempotency-Key came with another request"));
    }
  }
  if (ask.person().has_id()) return DecisionByPersonId(std::move(ask));
  identity::EventIdentifiers identifiers;
  *identifiers.add_identifiers() = ask.person().identifier();
  identifiers.set_record_id(current_.id.ToBytes());
  identity::Provenance& provenance = *identifiers.mutable_provenance();
  *provenance.mutable_moment() = identity::MomentOf(log_time(), current_.position);
  provenance.set_log_time(log_time().micros);
  provenance.set_source(ask.person().source());
  const auto hash = identity::FromRef(ask.person().identifier().hash());
  BATUTA_CHECK(HomeOfIdentifier(hash) == settings_.partition);
  identity::IdentifierRow& row = state_.identifiers.Mutable(hash);
  const identity::Routed routed = identity::RouteEvent(row, identifiers, IdentityContext());
  if (routed.created) CreatePerson(routed.person, row, identifiers);
  DecisionOnWay on_way;
  *on_way.mutable_ask() = std::move(ask);
  *on_way.mutable_person() = identity::ToRef(routed.person);
  Message message;
  *message.mutable_decision() = std::move(on_way);
  Send(routed.person.partition, std::move(message));
}

// At the home that the id names. Unlike an identifier's, an unknown id makes nobody.
void Fold::DecisionByPersonId(DecisionAsk ask) {
  const PersonRow* row = state_.people.Find(identity::FromRef(ask.person().id()));
  if (row == nullptr || !row->has_identity() || row->identity().erased()) {
    return RefuseDecision(ask, absl::NotFoundError("there is no person of this id"));
  }
  DecisionOnWay on_way;
  *on_way.mutable_person() = ask.person().id();
  *on_way.mutable_ask() = std::move(ask);
  DecisionAtPerson(std::move(on_way));
}

void Fold::DecisionAtPerson(DecisionOnWay on_way) {
  const base::PersonId person = identity::FromRef(on_way.person());
  PersonRow& row = state_.people.Mutable(person);
  BATUTA_CHECK(row.has_identity(), "a decision was asked for a person who was never made");
  if (const auto survivor = MergedInto(row)) {
    *on_way.mutable_person() = identity::ToRef(*survivor);
    Message message;
    *message.mutable_decision() = std::move(on_way);
    return Send(survivor->partition, std::move(message));
  }
  if (row.identity().erased()) {
    return RefuseDecision(on_way.ask(),
                          absl::AbortedError("the person was erased meanwhile; ask again"));
  }
  WaitingDecision& waiting = *row.add_waiting();
  *waiting.mutable_ask() = std::move(*on_way.mutable_ask());
  waiting.set_settle_by((log_time() + kSettleWait).micros);
  if (identity::HasUnsettledLinks(row.identity())) {
    state_.timers.Set({.due = {waiting.settle_by()},
                       .kind = TimerKind::kDecisionSettle,
                       .target = person.ToBytes()});
  }
  DecideNext(person);
}

// Answers the oldest waiting request, unless one is on its way to the log, links may still settle,
// or what a constraint allows is being asked for.
void Fold::DecideNext(const base::PersonId& person) {
  const PersonRow* found = state_.people.Find(person);
  if (found == nullptr) return;
  while (!found->waiting().empty() && found->deciding().empty()) {
    if (found->identity().has_merged_into() || found->identity().erased()) return;
    const WaitingDecision& first = found->waiting(0);
    if (first.for_lease()) return;
    if (identity::HasUnsettledLinks(found->identity()) && log_time().micros < first.settle_by()) {
      // Links that came up while the decision before it was under way have set no timer yet.
      return state_.timers.Set({.due = {first.settle_by()},
                                .kind = TimerKind::kDecisionSettle,
                                .target = person.ToBytes()});
    }
    PersonRow& row = state_.people.Mutable(person);
    DecisionAsk ask = std::move(*row.mutable_waiting(0)->mutable_ask());
    row.mutable_waiting()->DeleteSubrange(0, 1);
    Decide(person, row, ask);
  }
}

void Fold::Decide(const base::PersonId& person, PersonRow& row, const DecisionAsk& ask) {
  const decision::DecisionRequest& request = ask.request();
  const base::DecisionId id{settings_.partition, base::RecordId::FromBytes(request.request_id())};
  // A key that is used again long after its time still names the decision that was made under it.
  if (!request.idempotency_key().empty() &&
      state_.GetRow<DecisionRow>(RowKind::kDecision, id.ToBytes()).has_value()) {
    return ReplyError(request.request_id(), absl::AlreadyExistsError("answered before"));
  }
  const std::vector<std::string_view> segments = SegmentsOf(row);
  const rule::PersonState state = PersonOf(row, segments);
  DecisionInputs subject(
      *this, {.person = person, .row = row, .state = state, .decision = id, .models = models_});
  decision::Inputs& inputs = subject.inputs();
  std::vector<decision::Shortage> shortages;
  inputs.shortages = &shortages;
  if (identity::HasUnsettledLinks(row.identity())) inputs.identity = decision::SETTLING;
  google::protobuf::ArenaOptions arena_options;
  arena_options.initial_block = decision_block_.data();
  arena_options.initial_block_size = decision_block_.size();
  google::protobuf::Arena arena(arena_options);
  auto& made = *google::protobuf::Arena::CreateMessage<decision::Decision>(&arena);
  const absl::Status decided = request.has_imported() ? decision::Recount(request, inputs, made)
                                                      : decision::Decide(request, inputs, made);
  if (!decided.ok()) return RefuseDecision(ask, decided);
  if (!shortages.empty()) return WaitForLeases(person, ask, made, shortages, row);
  if (request.dry_run()) return Reply(request.request_id(), decision::Serialize(made));
  if (settings_.observer != nullptr) {
    settings_.observer->OnDecided(*this, {person, row, state, request, made});
  }
  TakeHolds(made);
  row.set_deciding(id.ToBytes());
  Message message;
  message.mutable_made()->set_decision(decision::Serialize(made));
  *message.mutable_made()->mutable_person() = identity::ToRef(person);
  for (decision::HoldoutMeeting& met : decision::MeetingsOf(*definitions_->catalogue, made)) {
    *message.mutable_made()->add_met() = std::move(met);
  }
  SendThroughLog(settings_.partition, std::move(message));
}

// Says why there is no decision, and gives back the key under which it would have been made once.
void Fold::RefuseDecision(const DecisionAsk& ask, const absl::Status& why) {
  const decision::DecisionRequest& request = ask.request();
  ReplyError(request.request_id(), why);
  if (request.idempotency_key().empty() && !request.has_imported()) return;
  Message message;
  message.mutable_decision_refused()->set_request_id(request.request_id());
  const PersonAsk& person = ask.person();
  Send(person.has_id() ? identity::FromRef(person.id()).partition
                       : HomeOfIdentifier(identity::FromRef(person.identifier().hash())),
       std::move(message));
}

void Fold::OnDecisionRefused(const DecisionRefused& refused) {
  const std::string imported = PartitionState::KeyOf(RowKind::kImported, refused.request_id());
  if (state_.rows.Get(imported).has_value()) return state_.rows.Erase(imported);
  state_.dedup.Forget(base::Id128::FromBytes(refused.request_id()));
}

// The decision is durable: it is answered, and counts from here on. Folding again takes what was
// logged, whatever the pipeline would say now.
void Fold::OnDecisionMade(DecisionMade made) {
  decision::Decision decision;
  BATUTA_CHECK(decision::ParseWithoutTrace(made.decision(), decision),
               "a logged decision does not parse");
  const base::DecisionId id = base::DecisionId::FromBytes(decision.id());
  if (made.offset() == 0) {
    BATUTA_CHECK(id.partition == settings_.partition);
    made.set_partition(base::Index(current_.position.partition));
    made.set_offset(base::Number(current_.position.offset));
    DecisionRow row;
    *row.mutable_person() = made.person();
    row.set_offset(made.offset());
    state_.PutRow(RowKind::kDecision, decision.id(), row);
    if (!decision.has_imported()) tallies().set_decisions(tallies().decisions() + 1);
    Reply(id.record.ToBytes(), made.decision());
  }
  const base::PersonId person = identity::FromRef(made.person());
  PersonRow& row = state_.people.Mutable(person);
  if (row.deciding() == decision.id()) row.clear_deciding();
  if (const auto survivor = MergedInto(row)) {
    *made.mutable_person() = identity::ToRef(*survivor);
    Message message;
    *message.mutable_made() = std::move(made);
    return Send(survivor->partition, std::move(message));
  }
  if (row.identity().erased()) return DropChoices(decision);
  if (!decision.has_imported()) MeetHoldouts(made, base::Time{decision.log_time()}, row);
  TakeChoices(made, decision, row);
  AddToTimeline(
      person, profile::EntryKind::kDecision, {decision.log_time()},
      {base::PartitionId{static_cast<uint16_t>(made.partition())}, base::Offset{made.offset()}});
  DecideNext(person);
}

// Its person is gone; yet what was shown by being decided was shown.
void Fold::DropChoices(const decision::Decision& decision) {
  const base::PartitionId partition = base::DecisionId::FromBytes(decision.id()).partition;
  decision::OpenDecision open;
  policy::ContactState contacts;
  const decision::Effects effects = decision::Reserve(
      decision, *definitions_->catalogue, {.open = open, .contacts = contacts, .now = log_time()});
  if (open.decision().empty()) {
    return SendHoldChanges(partition, decision::DroppedHolds(decision));
  }
  SendHoldChanges(partition, effects.holds);
  SendHoldChanges(partition, decision::DroppedHolds(open));
}

// What was chosen begins its life; what another system chose is over.
void Fold::TakeChoices(const DecisionMade& made, const decision::Decision& decision,
                       PersonRow& row) {
  const base::PersonId person = identity::FromRef(made.person());
  decision::OpenDecision open;
  if (decision.has_imported()) {
    decision::Effects effects = decision::TakeImported(decision, *row.mutable_contacts());
    policy::Prune(*row.mutable_contacts(), definitions_->catalogue->policies().Keep(), log_time());
    open.set_decision(decision.id());
    return TakeChoiceEffects(person, open, std::move(effects), row);
  }
  policy::Prune(*row.mutable_contacts(), definitions_->catalogue->policies().Keep(), log_time());
  decision::Effects effects =
      decision::Reserve(decision, *definitions_->catalogue,
                        {.open = open, .contacts = *row.mutable_contacts(), .now = log_time()});
  if (open.decision().empty()) {
    return SendHoldChanges(base::DecisionId::FromBytes(decision.id()).partition,
                           decision::DroppedHolds(decision));
  }
  for (decision::OpenSlot& slot : *open.mutable_slots()) {
    slot.set_replaced(absl::c_linear_search(made.replaced(), slot.slot()));
  }
  decision::AddOpen(*row.mutable_open(), open);
  TakeChoiceEffects(person, open, std::move(effects), row);
}

}  // namespace batuta::engine

// Erasure: a person's rows go at once, a tombstone stays, and the outbox destroys the keys.
#include <algorithm>
#include <utility>

#include "base/encoding.h"
#include "base/status.h"
#include "engine/fold.h"
#include "identity/refs.h"

namespace batuta::engine {

void Fold::OnEraseAsk(const EraseAsk& ask) {
  const auto hash = base::IdentifierHash::FromBytes(ask.identifier());
  const identity::IdentifierRow* row = state_.identifiers.Find(hash);
  if (row == nullptr || !row->has_person()) {
    return ReplyError(ask.request_id(), absl::NotFoundError("nobody has this identifier"));
  }
  ErasureOnWay on_way;
  on_way.set_request_id(ask.request_id());
  *on_way.mutable_person() = row->person();
  Message message;
  *message.mutable_erasure() = std::move(on_way);
  Send(identity::FromRef(row->person()).partition, std::move(message));
}

void Fold::OnErasure(const ErasureOnWay& on_way) {
  const base::PersonId person = identity::FromRef(on_way.person());
  PersonRow& row = state_.people.Mutable(person);
  BATUTA_CHECK(row.has_identity());
  if (const auto survivor = MergedInto(row)) {
    Message message;
    *message.mutable_erasure() = on_way;
    *message.mutable_erasure()->mutable_person() = identity::ToRef(*survivor);
    return Send(survivor->partition, std::move(message));
  }
  identity::IdentityMessage erase;
  *erase.mutable_to_person() = on_way.person();
  erase.mutable_erase_person();
  AtPerson(std::move(erase));
  Reply(on_way.request_id(), person.ToString());
}

// `erased` are the identifiers whose keys go. What other partitions hold of the person (identifier
// rows, memberships) they remove as the messages arrive.
void Fold::DropPerson(const base::PersonId& person, PersonRow& row,
                      const std::vector<base::IdentifierHash>& erased) {
  for (const uint32_t number : row.profile().timeline().blocks().number()) {
    state_.timeline.Erase(TimelineKey(person, number));
  }
  LeaveGroups(row.profile(), person);
  for (WaitingDecision& waiting : *row.mutable_waiting()) {
    ReturnKept(waiting);
    RefuseDecision(waiting.ask(), absl::AbortedError("the person was erased meanwhile; ask again"));
  }
  DropFeatures(person, row);
  DropChoices(row.open());
  row.clear_profile();
  row.clear_contacts();
  row.clear_open();
  row.clear_waiting();
  row.clear_deciding();
  ForgetMeasured(row);
  LeaveSegments(person, row);
  LeaveHoldouts(row);
  row.clear_holdouts();
  ForgetLessons(row.lessons());
  row.clear_lessons();
  if (erased.empty()) return;
  // The vault tells orders apart by their moment. Log time may stand still, and partitions may
  // share it, so the moment is log time up to some milliseconds, and unique.
  constexpr int64_t kGrain = int64_t{1} << 16;  // more than there are partitions
  const int64_t moment =
      std::max(log_time().micros / kGrain, state_.self.last_erasure() / kGrain + 1) * kGrain +
      base::Index(settings_.partition);
  state_.self.set_last_erasure(moment);
  base::ByteWriter key;
  key.U64(static_cast<uint64_t>(moment));
  OutboxRow outbox;
  for (const base::IdentifierHash& hash : erased) outbox.add_destroy_keys_of(hash.ToBytes());
  outbox.set_moment(moment);
  state_.PutRow(RowKind::kOutbox, key.bytes(), outbox);
  current_.effects->outbox_changed = true;
}

void Fold::OnOutboxDone(const OutboxDone& done) { state_.EraseRow(RowKind::kOutbox, done.row()); }

}  // namespace batuta::engine
